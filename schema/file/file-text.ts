import { Field, Float, Int, ObjectType } from "type-graphql";
import { fileTexts, type FileText as Text } from "../../engine/index.ts";
import { Told } from "../told.ts";

@ObjectType({ description: "The text of a file.", simpleResolvers: true })
@Told(fileTexts)
export class FileText {
  constructor(private readonly text: Text) {}

  @Field(() => String)
  get content(): string {
    return this.text.content;
  }

  @Field(() => Boolean, { description: "Whether the content was cut at that bound." })
  get isTruncated(): boolean {
    return this.text.metadata.truncated;
  }

  @Field(() => Int, { description: "Words of the whole text." })
  get wordCount(): number {
    return this.text.metadata.word_count;
  }

  @Field(() => Int, { description: "Characters (Unicode code points) of the whole text." })
  get charCount(): number {
    return this.text.metadata.char_count;
  }

  @Field(() => Int, { nullable: true, description: "Pages, of what has any." })
  get pageCount(): number | null {
    return this.text.metadata.page_count ?? null;
  }

  @Field(() => Float, {
    nullable: true,
    description: "How sure the recognition is, 0 to 100, the mean over pages; null for text that was read.",
  })
  get confidence(): number | null {
    return this.text.metadata.confidence ?? null;
  }
}
