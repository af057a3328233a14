export type { Consumer, Dispatcher } from "./dispatcher.ts";
export { LocalDispatcher } from "./local.ts";
export { startMark } from "./process-mark.ts";
export { RemoteDispatcher } from "./remote.ts";
export { takenOver } from "./worker-lock.ts";
