import { z } from "zod";
import { isJsonObject, type JsonObject, type JsonValue } from "../model/index.ts";

/** Any JSON value. Configs and outputs come from JSON, so there is nothing to walk through again. */
export const jsonValue = z.custom<JsonValue>((value) => value !== undefined, "must be a JSON value");

export const jsonObject = z.custom<JsonObject>(isJsonObject, "must be an object").meta({ type: "object" });
