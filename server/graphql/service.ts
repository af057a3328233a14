import type { GraphQLSchema, ValidationRule } from "graphql";
import type { Engine } from "../../engine/index.ts";
import type { Gate } from "./admission.ts";
import type { ReadDocument } from "./document.ts";
import type { Present } from "./present.ts";

/** What every transport is made over: the same rules, budgets and errors whichever way an operation comes. */
export interface GraphqlService {
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly engine: Engine;
  /** Rules of documents beside those of the specification. */
  readonly rules: ValidationRule[];
  readonly readDocument: ReadDocument;
  readonly gate: Gate;
  readonly present: Present;
}
