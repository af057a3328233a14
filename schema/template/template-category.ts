import { Field, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "A category of templates.", simpleResolvers: true })
export class TemplateCategory {
  @Field(() => String, { description: "As templates name it, such as `file-processing`." })
  readonly name!: string;

  @Field(() => String, { description: "For people, such as `File Processing`." })
  readonly displayName!: string;

  @Field(() => Int, { description: "Templates in it that the tenant sees, counted to 10,000." })
  readonly count!: number;
}
