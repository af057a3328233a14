import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";

export type Schema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{names}` of its path parameters. */
  readonly path: string;
  /** Takes no key. */
  readonly isOpen: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly types: readonly string[]; readonly schema: Schema } | null;
  readonly responses: ReadonlyMap<number, ResponseType>;
}

interface ResponseType {
  /** Null: the document does not say more than that there is a body of this type. */
  readonly check: ValidateFunction | null;
  readonly types: readonly string[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface RawOperation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

/** Every operation of an OpenAPI document, its schemas compiled by a validator that is not the service's own. */
export function operationsOf(document: OpenApi): Operation[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ $id: "document", ...document });
  const compile = (pointer: string): ValidateFunction => ajv.compile({ $ref: `document#${pointer}` });

  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => {
      const responses = new Map<number, ResponseType>();
      for (const [status, { content = {} }] of Object.entries(raw.responses)) {
        const types = Object.keys(content);
        const pointer = ["paths", path, method, "responses", status, "content", "application/json", "schema"];
        const check = content["application/json"]?.schema ? compile(pointerOf(pointer)) : null;
        responses.set(Number(status), { check, types });
      }
      const [first] = Object.values(raw.requestBody?.content ?? {});
      return {
        id: raw.operationId,
        method: method.toUpperCase(),
        path,
        isOpen: raw.security?.length === 0,
        parameters: raw.parameters ?? [],
        body: raw.requestBody
          ? {
              required: raw.requestBody.required ?? false,
              types: Object.keys(raw.requestBody.content),
              schema: first?.schema ?? {},
            }
          : null,
        responses,
      };
    }),
  );
}

function pointerOf(keys: readonly string[]): string {
  return keys.map((key) => `/${encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("");
}
