import { errorCodes } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";

export const ErrorCodeEnum = enumeration(
  "ErrorCode",
  "What went wrong, for programs. Stable; the same words as `error_code` of the REST API.",
  errorCodes,
);
