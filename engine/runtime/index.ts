export { type Clock, clockOf, steadyClock } from "./clock.ts";
export {
  currentDeadline,
  Deadline,
  DeadlineError,
  REQUEST_MS,
  untimed,
  withDeadline,
  withinDeadline,
  withoutDeadline,
} from "./deadline.ts";
export { fenced, watchFaults } from "./fence.ts";
export { Lookout } from "./lookout.ts";
export { patiently } from "./patience.ts";
export type { Probe } from "./probe.ts";
export { inTurn } from "./turns.ts";
export { longestWork, noteWork, type WorkKind } from "./work-notes.ts";
