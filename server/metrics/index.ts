export { Metrics } from "./metrics.ts";
export { observeGraphql } from "./observe-graphql.ts";
export { observeHttp, observeSockets } from "./observe-http.ts";
