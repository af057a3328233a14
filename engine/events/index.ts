export type { ActivityItem, ExecutionChange } from "./activity.ts";
export { readExecutionEvents } from "./event-reader.ts";
export { Latch } from "./latch.ts";
export { LiveService } from "./live-service.ts";
export {
  endable,
  type LiveFeed,
  type LiveLog,
  type LiveReader,
  type LiveSource,
  type LiveState,
  LOG_PAGE,
  liveLog,
  type Positioned,
} from "./live-source.ts";
export { createPublisher, type Publish } from "./publisher.ts";
