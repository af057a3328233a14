import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "A new inbound webhook." })
export class CreateHookInput {
  @Field(() => ID, { description: "The workflow that each call starts." })
  workflowId!: string;

  @Field(() => String, { description: "What it is for, 1 to 255 characters." })
  name!: string;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "True: whoever knows the address may call it, and there is no secret. Default false: calls must be signed.",
  })
  isUnsigned?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "How far a signed timestamp may be from now, in seconds, 1 to 86,400. Default 300.",
  })
  replayWindowSeconds?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "A disabled hook answers as if it did not exist. Default true.",
  })
  isEnabled?: boolean | null;
}

@InputType({ description: "Changes to an inbound webhook: what is absent stays." })
export class UpdateHookInput {
  @Field(() => ID, { description: "The hook to change." })
  hookId!: string;

  @Field(() => String, { nullable: true, description: "What it is for, 1 to 255 characters." })
  name?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "How far a signed timestamp may be from now, in seconds, 1 to 86,400.",
  })
  replayWindowSeconds?: number | null;

  @Field(() => Boolean, { nullable: true, description: "A disabled hook answers as if it did not exist." })
  isEnabled?: boolean | null;
}

@InputType({ description: "Which inbound webhook gets a new token and secret." })
export class RotateHookInput {
  @Field(() => ID, { description: "The hook to rotate." })
  hookId!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "Seconds for which the old token and secret are good, too, 0 to 604,800 (a week). Default 86,400: a day.",
  })
  graceSeconds?: number | null;
}

@InputType({ description: "Which inbound webhook to delete." })
export class DeleteHookInput {
  @Field(() => ID, { description: "The hook to delete." })
  hookId!: string;
}
