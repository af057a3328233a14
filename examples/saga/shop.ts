import { type Participant, startParticipant } from "./participants.ts";

/** What the three services know: the demo shows it at the end. */
export interface Books {
  money: number;
  parcelsInStock: number;
  parcelsSent: number;
}

export interface Shop extends AsyncDisposable {
  readonly books: Readonly<Books>;
  /** For SAGA_SERVICES. */
  readonly services: string;
}

/** Payment, stock and shipping, each behind a port of its own. Shipping goes nowhere near the moon. */
export async function startShop(): Promise<Shop> {
  const books: Books = { money: 100, parcelsInStock: 5, parcelsSent: 0 };
  const payment = await startParticipant(
    ({ saga_id, data }) => {
      books.money -= Number(data.amount);
      return { payment_id: `pay-${saga_id.slice(-4)}` };
    },
    ({ data }) => {
      books.money += Number(data.amount);
      return { refunded: data.payment_id };
    },
  );
  const stock = await startParticipant(
    () => {
      books.parcelsInStock -= 1;
      return { shelf: "B7" };
    },
    () => {
      books.parcelsInStock += 1;
      return {};
    },
  );
  const shipping = await startParticipant(
    ({ data }) => {
      if (data.to === "the moon") return { refuse: "we do not deliver to the moon" };
      books.parcelsSent += 1;
      return { tracking: "TR-2026" };
    },
    () => ({}),
  );
  const all: Readonly<Record<string, Participant>> = { payment, stock, shipping };
  return {
    books,
    services: Object.entries(all)
      .map(([name, { origin }]) => `${name}=${origin}`)
      .join(","),
    [Symbol.asyncDispose]: async () => {
      for (const participant of Object.values(all)) await participant[Symbol.asyncDispose]();
    },
  };
}
