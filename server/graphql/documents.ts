import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from "graphql";

const MAX_DOCUMENTS = 1_000;
/** A longer one is parsed each time: it would push out many that are asked for again and again. */
const MAX_KEPT_CHARS = 16_384;

export type CheckedDocument =
  | { readonly document: DocumentNode; readonly errors: null }
  | { readonly document: null; readonly errors: readonly GraphQLError[] };

/** Parsed and validated documents, by their text: a thousand subscribers of one operation parse it once. */
export class Documents {
  private readonly known = new Map<string, CheckedDocument>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly rules: readonly ValidationRule[] = [],
  ) {}

  get(text: string): CheckedDocument {
    const known = this.known.get(text);
    if (known) {
      // The least recently used is the first to go.
      this.known.delete(text);
      this.known.set(text, known);
      return known;
    }
    const checked = this.check(text);
    if (checked.errors === null && text.length <= MAX_KEPT_CHARS) {
      this.known.set(text, checked);
      if (this.known.size > MAX_DOCUMENTS) this.known.delete(this.known.keys().next().value!);
    }
    return checked;
  }

  private check(text: string): CheckedDocument {
    try {
      const document = parse(text);
      const errors = validate(this.schema, document, [...specifiedRules, ...this.rules]);
      return errors.length > 0 ? { document: null, errors: errors.map(withCode) } : { document, errors: null };
    } catch (error) {
      if (error instanceof GraphQLError) return { document: null, errors: [withCode(error)] };
      throw error;
    }
  }
}

/** The codes that Apollo gives over HTTP. */
function withCode(error: GraphQLError): GraphQLError {
  error.extensions.code ??= error.message.startsWith("Syntax Error")
    ? "GRAPHQL_PARSE_FAILED"
    : "GRAPHQL_VALIDATION_FAILED";
  return error;
}
