import { scopes } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";

export const ScopeEnum = enumeration(
  "Scope",
  "What an API key may do. Scopes are independent: ADMIN does not include the others.",
  scopes,
);
