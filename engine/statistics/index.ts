export { type Statistics, StatisticsService, successRate } from "./statistics-service.ts";
