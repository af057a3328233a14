import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesRule } from "@escape.tech/graphql-armor-max-directives";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type ParseOptions,
  parse,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { CACHED_DOCUMENT_CHARACTERS, documentLimits } from "./limits.ts";
import { tooComplex } from "./refusals.ts";
import { unconditionalSubscriptionRule } from "./unconditional-subscription.ts";

export const parseOptions: ParseOptions = { maxTokens: documentLimits.tokens };

/** Rules beside those of graphql-js, for every transport. */
export function documentRules(introspection: boolean): ValidationRule[] {
  return [
    unconditionalSubscriptionRule,
    maxDepthRule({ n: documentLimits.depth, flattenFragments: true, ...reporting("depth") }),
    maxAliasesRule({ n: documentLimits.aliases, ...reporting("aliases") }),
    maxDirectivesRule({ n: documentLimits.directives, ...reporting("directives") }),
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
}

/** Parses and validates a document, or says what is wrong with it. */
export type ReadDocument = (source: string) => DocumentNode | readonly GraphQLError[];

/** For the transports that have none of their own. A document that was read before is not read again. */
export function createDocumentReader(schema: GraphQLSchema, rules: readonly ValidationRule[]): ReadDocument {
  const allRules = [...specifiedRules, ...rules];
  const known = new LRUCache<string, DocumentNode>({
    maxSize: CACHED_DOCUMENT_CHARACTERS,
    sizeCalculation: (_document, source) => source.length + 1,
  });
  return (source) => {
    const found = known.get(source);
    if (found) return found;
    let document: DocumentNode;
    try {
      document = parse(source, parseOptions);
    } catch (error) {
      if (error instanceof GraphQLError) return [coded(error, "GRAPHQL_PARSE_FAILED")];
      throw error;
    }
    const errors = validate(schema, document, allRules);
    if (errors.length > 0) return errors.map((error) => coded(error, "GRAPHQL_VALIDATION_FAILED"));
    known.set(source, document);
    return document;
  };
}

/** The rules throw by themselves, which would end the validation with a fault. */
function reporting(limit: "depth" | "aliases" | "directives") {
  return {
    propagateOnRejection: false,
    onReject: [(context: ValidationContext | null) => context?.reportError(tooComplex(limit))],
  };
}

function coded(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions.code === undefined) error.extensions.code = code;
  return error;
}
