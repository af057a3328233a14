import { Field, ID, InputType, Int } from "type-graphql";
import { fieldTexts, hookInput, hookPatch, hookRotation } from "../../engine/index.ts";
import { Told } from "../told.ts";

@InputType({ description: "A new inbound webhook." })
@Told(fieldTexts(hookInput))
export class CreateHookInput {
  @Field(() => ID)
  workflowId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Boolean, { nullable: true })
  isUnsigned?: boolean | null;

  @Field(() => Int, { nullable: true })
  replayWindowSeconds?: number | null;

  @Field(() => Boolean, { nullable: true })
  isEnabled?: boolean | null;
}

@InputType({ description: "Changes to an inbound webhook: what is absent stays." })
@Told(fieldTexts(hookPatch))
export class UpdateHookInput {
  @Field(() => ID, { description: "The hook to change." })
  hookId!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => Int, { nullable: true })
  replayWindowSeconds?: number | null;

  @Field(() => Boolean, { nullable: true })
  isEnabled?: boolean | null;
}

@InputType({ description: "Which inbound webhook gets a new token and secret." })
@Told(fieldTexts(hookRotation))
export class RotateHookInput {
  @Field(() => ID, { description: "The hook to rotate." })
  hookId!: string;

  @Field(() => Int, { nullable: true })
  graceSeconds?: number | null;
}

@InputType({ description: "Which inbound webhook to delete." })
export class DeleteHookInput {
  @Field(() => ID, { description: "The hook to delete." })
  hookId!: string;
}
