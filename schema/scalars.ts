import { GraphQLScalarType } from "graphql";
import { GraphQLDateTime, GraphQLJSON, GraphQLJSONObject, GraphQLSafeInt } from "graphql-scalars";

const described = (scalar: GraphQLScalarType, description: string): GraphQLScalarType =>
  new GraphQLScalarType({ ...scalar.toConfig(), description });

/** As text already: JSON.stringify takes a slow path for every object that has a Date in it. */
export const DateTime = new GraphQLScalarType<Date, string>({
  ...GraphQLDateTime.toConfig(),
  description: "A moment in RFC 3339, sent in UTC: `2025-01-08T10:00:01.250Z`.",
  serialize: (value) => isoOf(typeof value === "number" ? value : GraphQLDateTime.serialize(value).getTime()),
});

let second = Number.NaN;
let upToSecond = "";

/** As `toISOString` writes ms since the epoch. The times of an execution lie close together: most share their second with the last one. */
function isoOf(ms: number): string {
  const inSecond = ((ms % 1000) + 1000) % 1000;
  if (ms - inSecond !== second) {
    upToSecond = new Date(ms - inSecond).toISOString().slice(0, -4);
    second = ms - inSecond;
  }
  return `${upToSecond}${inSecond < 10 ? "00" : inSecond < 100 ? "0" : ""}${inSecond}Z`;
}
export const Json = described(GraphQLJSON, "Any JSON value: object, list, string, number, boolean or null.");
export const JsonObject = described(GraphQLJSONObject, "A JSON object.");
/** Integers beyond GraphQL's Int, which ends at 2^31. */
export const SafeInt = described(GraphQLSafeInt, "A whole number from -(2^53 - 1) to 2^53 - 1, sent as a JSON number.");
