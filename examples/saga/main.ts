/**
 * `npm run demo:saga`: orders that take payment, stock and shipping across three services. The second one cannot be
 * shipped, so what it has paid and reserved is undone, live in the terminal over a GraphQL subscription. It starts a Stepwire
 * of its own, beside one that may be running.
 */
import { styleText } from "node:util";
import { live } from "../demo/api.ts";
import { startOwnService } from "../demo/own-service.ts";
import { endOf, registerOrderType, startOrder, watchSaga } from "./order-saga.ts";
import { startShop } from "./shop.ts";

const orders = [
  { order: 1, amount: 30, to: "Lisbon" },
  { order: 2, amount: 50, to: "the moon" },
];
const expected = ["COMPLETED", "COMPENSATED"];

const say = (text: string) => void process.stdout.write(text);

async function run(): Promise<boolean> {
  await using shop = await startShop();
  const books = () => {
    const { money, parcelsInStock, parcelsSent } = shop.books;
    return `${money} € left, ${parcelsInStock} parcels in stock, ${parcelsSent} sent`;
  };
  say("Starting Stepwire with a database of its own under .data/demo-saga …\n");
  await using service = await startOwnService(process.env.DATA_DIR ?? ".data/demo-saga", {
    SAGA_SERVICES: shop.services,
  });
  const target = { address: service.sagaAddress, apiKey: service.apiKey };
  say(`Its sagas are on ${styleText("cyan", target.address)}; GraphiQL at /graphql, the REST API at /docs.\n`);
  say(`Three services stand by: ${shop.services.replaceAll(",", ", ")}\nAt first: ${books()}\n`);
  await registerOrderType(target);

  const client = live(target);
  const ended: string[] = [];
  try {
    for (const order of orders) {
      const sagaId = await startOrder(target, order);
      say(`\n${styleText("bold", `Order ${order.order} for ${order.to}`)}: saga ${sagaId}\n`);
      await watchSaga(client, sagaId, say);
      const { status, output, error } = await endOf(target, sagaId);
      ended.push(status);
      say(`  ${status}${error === null ? "" : `: ${error.message}`}\n`);
      if (error === null) say(`  output: ${JSON.stringify(output)}\n`);
      say(`  ${books()}\n`);
    }
  } finally {
    await client.dispose();
  }
  return ended.join() === expected.join();
}

process.exitCode = (await run()) ? 0 : 1;
