import type { Types } from "@graphql-codegen/plugin-helpers";

/**
 * `npm run codegen` reads the operations of examples/client and writes their types to examples/client/generated.
 * For a client of your own, point `documents` at your sources and `schema` at this file or at a running service.
 */
const config: Types.Config = {
  schema: "api/schema.graphql",
  documents: ["examples/client/*.ts"],
  generates: {
    "examples/client/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        defaultScalarType: "unknown",
        // As JSON carries them.
        scalars: {
          DateTime: "string",
          JSON: "unknown",
          JSONObject: "Record<string, unknown>",
          SafeInt: "number",
        },
      },
    },
  },
  importExtension: ".ts",
};

export default config;
