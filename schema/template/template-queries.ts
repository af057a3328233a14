import { Arg, Args, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { toCommaText, toDocumentedNames, withoutNulls } from "../documented-input.ts";
import { Connection } from "../relay/connection.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { Template, TemplateConnection } from "./template.ts";
import { TemplateFilter } from "./template-inputs.ts";

@ObjectType({ description: "A category of templates.", simpleResolvers: true })
class TemplateCategory {
  @Field(() => String, { description: "As templates name it, such as `file-processing`." })
  readonly name!: string;

  @Field(() => String, { description: "For people, such as `File Processing`." })
  readonly displayName!: string;

  @Field(() => Int, { description: "Templates in it that the tenant sees, counted to 10,000." })
  readonly count!: number;
}

@Resolver()
export class TemplateQueries {
  @Query(() => Template, {
    nullable: true,
    description: "A template that the tenant sees; null when there is none of this id.",
  })
  async template(
    @Arg("id", () => ID, { description: "Of the template, such as `tpl_1`." }) id: string,
    @Ctx() { loaders }: Context,
  ): Promise<Template | null> {
    const row = await loaders.template.load(fromNodeId("Template", id, "id"));
    return row && new Template(row);
  }

  @Query(() => TemplateConnection, {
    description:
      "Public templates and the tenant's own, newest first. Here `totalCount` is counted to 10,000: searches have no end that is known in advance.",
  })
  async templates(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => TemplateFilter, { nullable: true, description: "Which ones. Default: all." })
    given: TemplateFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "Template");
    const { tags, publicOnly, ...rest } = withoutNulls(given ?? {});
    const filter = {
      ...toDocumentedNames(rest),
      public_only: publicOnly ?? false,
      ...(tags && { tags: toCommaText(tags, "filter.tags") }),
    };
    return new Connection({
      page: await engine.templates.window(actor.tenantId, filter, window),
      window,
      keyOf: (row) => row.id,
      toNode: (row) => new Template(row),
      count: () => engine.templates.count(actor.tenantId, filter),
    });
  }

  @Query(() => [TemplateCategory], {
    description: "The categories of the templates that the tenant sees, by name; at most 1,000.",
  })
  templateCategories(@Ctx() { engine, actor }: Context): Promise<TemplateCategory[]> {
    return engine.templates.categories(actor.tenantId);
  }
}
