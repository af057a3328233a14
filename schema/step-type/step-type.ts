import { Field, ObjectType, registerEnumType } from "type-graphql";
import { z } from "zod";
import { type StepType as EngineStepType, type JsonValue, StoredJson, toldSchema } from "../../engine/index.ts";
import { toCompositeId } from "../relay/composite-id.ts";
import { Node } from "../relay/node.ts";
import { JsonObject } from "../scalars.ts";

const StepEffectEnum = { NONE: "none", EXTERNAL: "external" } as const;
registerEnumType(StepEffectEnum, {
  name: "StepEffect",
  description: "Whether a step touches anything outside.",
  valuesConfig: {
    NONE: { description: "Doing it again is harmless: it computes, or waits." },
    EXTERNAL: {
      description:
        "It touches the world, and starts only when all before it is stored. Repeats carry one idempotency key.",
    },
  },
});

@ObjectType({
  implements: Node,
  description: "A kind of step that a definition may name in `type`.",
  simpleResolvers: true,
})
export class StepType implements Node {
  constructor(private readonly stepType: EngineStepType) {}

  get id(): string {
    return toCompositeId("StepType", this.stepType.type);
  }

  @Field(() => String, { description: "The word for a step's `type`." })
  get name(): string {
    return this.stepType.type;
  }

  @Field(() => String, { description: "What it does, in one sentence." })
  get summary(): string {
    return this.stepType.summary;
  }

  @Field(() => String, { description: "Markdown: options with units, defaults and bounds; errors; examples." })
  get docs(): string {
    return this.stepType.docs;
  }

  @Field(() => StepEffectEnum, { description: "Whether it touches anything outside." })
  get effect(): "none" | "external" {
    return this.stepType.effect;
  }

  @Field(() => JsonObject, {
    description: "JSON Schema (2020-12) of `config`, once its placeholders are filled in.",
  })
  get configSchema() {
    return jsonSchema(this.stepType.config, "input");
  }

  @Field(() => JsonObject, { description: "JSON Schema (2020-12) of the step's output." })
  get outputSchema() {
    return jsonSchema(this.stepType.output, "output");
  }
}

/** As text: one query may ask for all of them under many names. */
const schemas = new WeakMap<z.ZodType, unknown>();

function jsonSchema(type: z.ZodType, io: "input" | "output"): unknown {
  const known = schemas.get(type);
  if (known !== undefined) return known;
  // What JSON Schema has no word for is left open; the docs say it.
  const made = StoredJson.written(
    toldSchema(z.toJSONSchema(type, { io, unrepresentable: "any" })) as unknown as JsonValue,
  );
  schemas.set(type, made);
  return made;
}
