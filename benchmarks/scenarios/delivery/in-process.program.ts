import { measureDelivery } from "./measure.ts";

console.log(JSON.stringify(await measureDelivery(process.env.DATABASE_URL!)));
process.exit();
