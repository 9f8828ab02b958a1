package import DiskQueue
package import SystemPackage

/// Reads a segment through its damage: what is a message, how sure that is, and what is not.
///
/// Where the chain of records is unbroken there is nothing to explain. Where it breaks, ``Explanation``
/// begins some good records before, since the last ones may have led astray, and goes on until nothing is
/// in doubt. What speaks for a record is told by ``MessageModel``, which learns from the segment itself:
/// its beginning is read once with a model that knows nothing.
///
/// Linear in the segment's size, in constant memory but for one chain a damaged place.
package struct Salvage: Sendable {
  /// Beyond so many damaged places the rest of a segment is one.
  private static let mostPlaces = 1 << 16
  /// So many bytes, from the start, tell what the messages are like.
  private static let sampleSize: Int64 = 1 << 22
  /// And so many records at the most.
  private static let sampleRecords = 4096
  /// Fewer of the first records may all be led astray.
  private static let fewRecords = 8

  let disk: any Disk
  let limits: RecordLimits
  let watch: SegmentScanner.Watch?
  /// Whether runs of empty messages are what they seem: not where the queue's count is wrong.
  let trustsEmpties: Bool

  package init(
    disk: any Disk, limits: RecordLimits, trustsEmpties: Bool = true,
    watch: SegmentScanner.Watch? = nil
  ) {
    self.disk = disk
    self.limits = limits
    self.trustsEmpties = trustsEmpties
    self.watch = watch
  }

  /// Reads a whole segment or `.bad` file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - size: where it ends.
  ///   - trusted: below it zero lengths are messages; from there on zeros up to the end are none.
  /// - Returns: regions without gaps from 0 to `size`.
  /// - Throws: what opening or reading reports.
  package func read(_ path: FilePath, size: Int64, trusted: Int64 = 0) throws(DiskQueueError)
    -> SalvageReport
  {
    let handle = try disk.open(path, .read)
    defer { disk.close(handle) }
    // Mostly there is nothing to explain. Where the count is wrong, a length may lead astray unseen.
    if trustsEmpties {
      var scanner = SegmentScanner(disk: disk, watch: watch)
      let scan = try scanner.scan(path, size: size, from: 0, limits: limits, trusted: trusted)
      if scan.stop == .end {
        let kind = SalvageRegion.Kind.records(scan.records, .certain)
        return SalvageReport(
          regions: scan.records > 0 ? [.init(start: 0, end: scan.end, kind: kind)] : [])
      }
    }
    var bytes = ByteWindows(disk, handle, size: size)
    let zeroTail = try bytes.zeroTail(from: trusted)
    let sample = ByteWindows(disk, handle, size: min(size, Salvage.sampleSize))
    let model = try learn(sample, zeroTail: zeroTail)
    var walk = SegmentWalk(
      bytes, limits, zeroTail: zeroTail, trustsEmpties: trustsEmpties, watch: watch)
    let chains = try explain(&walk, model, zeroTail: zeroTail)
    var labels = Labels(model, limits, bytes)
    return try SalvageReport(regions: labels.regions(of: chains))
  }

  /// What the messages are like, by those at the segment's beginning.
  private func learn(_ bytes: ByteWindows, zeroTail: Int64) throws(DiskQueueError) -> MessageModel {
    var model = MessageModel.blank(trustsEmpties: trustsEmpties)
    // Up to the first damage, with no need for an explanation.
    var beginning = SegmentWalk(
      bytes, limits, zeroTail: zeroTail, trustsEmpties: trustsEmpties, doubtsNothing: true,
      watch: nil)
    var chain = Chain(at: 0, isAnchored: true)
    _ = try beginning.follow(&chain, model)
    try learn(beginning.anchor(of: chain), from: bytes, into: &model)
    if model.records < Salvage.fewRecords { model = .blank(trustsEmpties: trustsEmpties) }
    model.settle()
    // What was learned shows more of it; with more than a few records the first time is enough.
    for _ in 0..<2 {
      var walk = SegmentWalk(
        bytes, limits, zeroTail: zeroTail, trustsEmpties: trustsEmpties, watch: nil)
      let chains = try explain(&walk, model, zeroTail: zeroTail)
      model = .blank(trustsEmpties: trustsEmpties)
      for chain in chains where chain.isAnchored || chain.bits >= Explanation.settled / 2 {
        try learn(chain, from: bytes, into: &model)
      }
      model.settle()
      if model.records >= Salvage.sampleRecords { break }
    }
    return model
  }

  private func learn(_ chain: Chain, from bytes: ByteWindows, into model: inout MessageModel)
    throws(DiskQueueError)
  {
    var bytes = bytes
    var at = chain.start
    // The last one may have led into the damage.
    while at < chain.lastStart, model.records < Salvage.sampleRecords {
      try bytes.show(at, Record.headerSize + 64)
      guard let length = bytes.length(at: at) else { return }
      let next = at + Record.size(of: length)
      model.learn(
        length: length, start: bytes.slice(at + Int64(Record.headerSize), min(length, 64)),
        last: length > 0 ? try bytes.byte(at: next - 1) : nil)
      if try isContainer(at + Int64(Record.headerSize)..<next, &bytes) {
        model.learn(container: next - at)
      }
      at = next
    }
  }

  /// Whether a payload is records, as of a segment that was put as a message.
  private func isContainer(_ payload: Range<Int64>, _ bytes: inout ByteWindows)
    throws(DiskQueueError) -> Bool
  {
    var at = payload.lowerBound
    while at < payload.upperBound {
      guard payload.upperBound - at > Int64(Record.headerSize) else { return false }
      try bytes.show(at, Record.headerSize)
      guard let length = bytes.length(at: at), length > 0, limits.accept(length) else {
        return false
      }
      let end = at + Record.size(of: length)
      if end == payload.upperBound { return at > payload.lowerBound }
      at = end
    }
    return false
  }

  /// The chains of a segment, in order.
  private func explain(_ walk: inout SegmentWalk, _ model: MessageModel, zeroTail: Int64)
    throws(DiskQueueError) -> [Chain]
  {
    var chains: [Chain] = []
    var chain = Chain(at: 0, isAnchored: true)
    while true {
      let stop = try walk.follow(&chain, model)
      let place: Int64
      switch stop {
      case .end: return chains + [chain]
      case .broken(let offset), .doubtful(let offset): place = offset
      }
      let anchor = walk.anchor(of: chain)
      var explanation = Explanation(
        model, limits, walk.bytes, zeroTail: zeroTail, watch: watch)
      let end = try explanation.explain(from: anchor, past: place)
      let last =
        switch end {
        case .settled(let chain), .over(let chain): chain
        }
      var passed: [Chain] = []
      var parent = last.parent
      while parent >= 0 {
        passed.append(explanation.closed[parent])
        parent = explanation.closed[parent].parent
      }
      chains += passed.reversed()
      chain = last
      chain.parent = -1
      if case .over = end { return chains + [chain] }
      if chains.count > Salvage.mostPlaces { return chains + [chain] }
      walk.resume(isSame: passed.isEmpty)
    }
  }
}
