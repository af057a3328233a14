export {
  figuresOfAllTenants,
  type Statistics,
  StatisticsService,
  statisticsTexts,
  successRate,
  totalsTexts,
} from "./statistics-service.ts";
