import { Field, ObjectType } from "type-graphql";
import type { Issue } from "../../engine/index.ts";
import { toInputName } from "../errors/input-path.ts";

@ObjectType({ description: "A broken rule of a definition.", simpleResolvers: true })
export class DefinitionIssue {
  @Field(() => String, { description: "JSON path of the value, such as `definition.steps[2].config.url`." })
  readonly path!: string;

  @Field(() => String, { description: "What is expected there." })
  readonly message!: string;
}

@ObjectType({ description: "What a check of a definition found.", simpleResolvers: true })
export class DefinitionValidation {
  @Field(() => Boolean, { description: "Whether it can be saved and executed." })
  readonly isValid!: boolean;

  @Field(() => [DefinitionIssue], { description: "Every broken rule; empty for a valid definition." })
  readonly issues!: readonly DefinitionIssue[];
}

export function toValidation(issues: readonly Issue[]): DefinitionValidation {
  return {
    isValid: issues.length === 0,
    issues: issues.map(({ path, message }) => ({ path: toInputName(path), message })),
  };
}
