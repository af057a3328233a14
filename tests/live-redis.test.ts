import { liveContract } from "./support/contracts/live.ts";
import { skipWithoutRedisServer, testRedis } from "./support/redis.ts";

liveContract("Redis", skipWithoutRedisServer, async () => {
  const redis = await testRedis();
  return {
    options: { redisUrl: redis.url },
    disturb: async () => {
      await redis.kill();
      await redis.start();
    },
    close: () => redis.close(),
  };
});
