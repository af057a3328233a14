export { jsonSize } from "./json-size.ts";
export { knownMeasure, type Measure, sizes } from "./measure.ts";
export { type Bound, MAX_LEVELS, parseLargeJson } from "./parse.ts";
export { isLargerThan, LARGE } from "./size.ts";
export { atOnce, inSlices, type Sliced } from "./slices.ts";
export { StoredJson, stringifyStored } from "./stored-json.ts";
export { walkLevels } from "./walk.ts";
export { nothingWritten, type Written, writeJson } from "./write.ts";
