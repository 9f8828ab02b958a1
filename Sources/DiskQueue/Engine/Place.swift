package import SystemPackage

/// What never changes about an open queue: where it is and how it was opened.
package struct Place: Sendable {
  package let queue: QueueName
  package let directory: FilePath
  package let disk: any Disk
  package let options: QueueOptions
  /// Who new files are given to; nil when this process cannot give files away.
  package let ownership: Ownership?
  /// Where events go.
  let events: EventHub

  func path(_ file: FileName) -> FilePath { directory.file(file, of: queue) }

  /// A directory entry as text.
  func entry(_ number: Int64) -> String {
    String(decoding: FileName.segment(number).entry(of: queue), as: UTF8.self)
  }

  /// Lets a finished segment go as the options say.
  func retire(_ segment: SegmentFile) throws(DiskQueueError) {
    try options.retirement.retire(
      FileName.segment(segment.number).entry(of: queue), in: directory, disk: disk)
  }
}
