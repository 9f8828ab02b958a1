/// The page of `.bad` files: half of it for the files at the most, the rest for the one under the
/// cursor.
struct BadFilesLayout: Hashable, Sendable {
  /// The row of the column heads.
  let heads: Int
  /// The files in sight, by their places among all.
  let files: Range<Int>
  /// The row of the preview's head.
  let previewHead: Int
  /// The rows of the preview.
  let preview: Range<Int>
  /// How wide the column of names is.
  let name: Int
  /// Where the column of sizes ends; nil where it has no room.
  let size: Int?
  /// Where the column of verdicts begins.
  let verdict: Int

  init(_ layout: Layout, count: Int, cursor: Int) {
    heads = layout.page.lowerBound
    let room = BadFilesLayout.room(layout)
    let top = max(0, min(cursor - room + 1, count - room))
    files = top..<max(top, min(count, top + room))
    previewHead = heads + 2 + files.count
    preview = (previewHead + 1)..<max(previewHead + 1, layout.foot + 1)
    let isWide = layout.columns >= 60
    verdict = layout.columns - (isWide ? 30 : 22)
    size = isWide ? layout.columns - 32 : nil
    name = max(4, verdict - (isWide ? 12 : 1) - 2)
  }

  /// How many files fit.
  static func room(_ layout: Layout) -> Int { max(1, (layout.rows - 7) / 2) }

  /// The row of a file in sight.
  func row(of file: Int) -> Int { heads + 1 + file - files.lowerBound }
}
