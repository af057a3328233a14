export { figuresOfAllTenants, type Statistics, StatisticsService, successRate } from "./statistics-service.ts";
