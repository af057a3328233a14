export { ChildEnded, ChildPool, type ChildPoolOptions } from "./child-pool.ts";
export { serve } from "./serve.ts";
