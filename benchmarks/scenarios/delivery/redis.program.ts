import { testRedis } from "../../../tests/support/redis.ts";
import { measureDelivery } from "./measure.ts";

const redis = await testRedis();
try {
  console.log(JSON.stringify(await measureDelivery(process.env.DATABASE_URL!, redis.url)));
} finally {
  await redis.close();
}
process.exit();
