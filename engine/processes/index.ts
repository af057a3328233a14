export { ChildEnded, ChildPool } from "./child-pool.ts";
export { serve } from "./serve.ts";
