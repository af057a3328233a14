export { embeddedPostgresUrl, startEmbeddedPostgres } from "./embedded-postgres.ts";
