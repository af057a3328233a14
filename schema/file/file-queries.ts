import { Arg, Args, Ctx, ID, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { Connection } from "../relay/connection.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { PageArgs, toWindow } from "../relay/page-args.ts";
import { File, FileConnection } from "./file.ts";
import { FileFilter } from "./file-inputs.ts";

@Resolver()
export class FileQueries {
  @Query(() => File, {
    nullable: true,
    description: "A file; null when there is none of this id, or it was deleted.",
  })
  async file(
    @Arg("id", () => ID, { description: "Of the file, such as `file_12`." }) id: string,
    @Ctx() { loaders }: Context,
  ): Promise<File | null> {
    const record = await loaders.file.load(fromNodeId("File", id, "id"));
    return record && new File(record);
  }

  @Query(() => FileConnection, { description: "The tenant's files, newest first." })
  async files(
    @Args(() => PageArgs) args: PageArgs,
    @Arg("filter", () => FileFilter, { nullable: true, description: "Which ones. Default: all but deleted ones." })
    filter: FileFilter | null,
    @Ctx() { engine, actor }: Context,
  ) {
    const window = toWindow(args, "File");
    const statuses = filter?.status ?? null;
    return new Connection({
      page: await engine.files.window(actor.tenantId, statuses, window),
      window,
      keyOf: (record) => record.id,
      toNode: (record) => new File(record),
      count: () => engine.files.count(actor.tenantId, statuses),
    });
  }
}
