import { Field, ObjectType } from "type-graphql";
import type { Failure as FailureRecord } from "../../engine/index.ts";
import { JsonObject } from "../scalars.ts";

@ObjectType({
  description: "Why a step or an execution did not succeed. Values of secrets are masked.",
  simpleResolvers: true,
})
export class Failure {
  constructor(private readonly failure: FailureRecord) {}

  @Field(() => String, {
    description: "For programs: such as HTTP_STATUS, TIMEOUT, CANCELLED. `retry.only_on` of a step names these.",
  })
  get code(): string {
    return this.failure.code;
  }

  @Field(() => String, { description: "For people." })
  get message(): string {
    return this.failure.message;
  }

  @Field(() => String, {
    nullable: true,
    description: "Name of the step that failed, where another thing failed with it.",
  })
  get stepName(): string | null {
    return this.failure.step ?? null;
  }

  @Field(() => JsonObject, { nullable: true, description: "Facts for mending it, such as `{status_code: 404}`." })
  get details() {
    return this.failure.details ?? null;
  }
}

export function toFailure(failure: FailureRecord | null): Failure | null {
  return failure === null ? null : new Failure(failure);
}
