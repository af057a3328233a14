import { Field, ObjectType } from "type-graphql";
import { fieldMeanings, type Hold, holdInput } from "../../engine/index.ts";
import { DateTime } from "../scalars.ts";
import { Told } from "../told.ts";

@ObjectType({ description: "Why an execution is not removed, however old it is.", simpleResolvers: true })
@Told(fieldMeanings(holdInput))
export class ExecutionHold implements Hold {
  @Field(() => String)
  readonly reason!: string;

  @Field(() => DateTime, { description: "Since when." })
  readonly heldAt!: Date;
}
