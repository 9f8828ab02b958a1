import DiskQueue

/// Walks a chain of records as fast as it can be read, and remembers its last records: where it breaks,
/// some of them may have led astray.
struct SegmentWalk {
  enum Stop: Hashable {
    /// At the segment's end.
    case end
    /// No record begins there.
    case broken(Int64)
    /// So many empty messages end there that they may be none; or, in a queue whose count is wrong, one of
    /// a length far beyond the others'.
    case doubtful(Int64)
  }

  /// A record that was passed.
  private struct Step {
    var chain: Chain
    /// Whether its length is like the others'.
    var isUsual: Bool
    var isEmpty: Bool
  }

  /// So many usual records in a row are no chance.
  private static let usualRun = 16
  /// A length that costs no more is usual: one in 4,096.
  private static let usualCost = 12.0
  private static let fewEmpties = 3
  /// Bits beyond which nothing more is added up.
  private static let sure = 1024.0
  /// Records that are remembered.
  private static let most = 1024

  private(set) var bytes: ByteWindows
  private let limits: RecordLimits
  /// From here on zeros are no messages.
  private let zeroTail: Int64
  private let watch: SegmentScanner.Watch?
  private var steps: [Step] = []
  /// Empty messages in a row, up to here.
  private var emptyRun = 0
  /// Whether the last record's length is far beyond the others', and how often that was looked into.
  private var isStrange = false
  private var strangers = 0
  private static let mostStrangers = 1 << 10
  private let trustsEmpties: Bool
  /// Whether it stops where it breaks only.
  private let doubtsNothing: Bool
  /// From so many on they are looked into.
  private var doubtfulRun: Int
  private var watched: Int64 = 0

  init(
    _ bytes: ByteWindows, _ limits: RecordLimits, zeroTail: Int64, trustsEmpties: Bool,
    doubtsNothing: Bool = false, watch: SegmentScanner.Watch?
  ) {
    self.doubtsNothing = doubtsNothing
    self.bytes = bytes
    self.limits = limits
    self.zeroTail = zeroTail
    self.trustsEmpties = trustsEmpties
    doubtfulRun = trustsEmpties ? 8 : 4
    self.watch = watch
  }

  /// Follows a chain until it ends.
  mutating func follow(_ chain: inout Chain, _ model: MessageModel) throws(DiskQueueError) -> Stop {
    while chain.end < bytes.size {
      let offset = chain.end
      if offset - watched >= 1 << 18 || offset == 0 {
        try watch?(offset)
        watched = offset
      }
      try bytes.show(max(0, offset - 2), 2 + Record.headerSize)
      guard let length = bytes.length(at: offset), limits.accept(length),
        offset + Record.size(of: length) <= bytes.size
      else { return .broken(offset) }
      if isStrange { return doubt(offset) }
      if length == 0 {
        emptyRun += 1
        if offset >= zeroTail { return .broken(offset) }
      } else {
        // So many in a row may be what a payload of zeros is taken for.
        let isDoubtful =
          !doubtsNothing && emptyRun >= doubtfulRun && emptyRun > model.usualRun
        emptyRun = 0
        if isDoubtful { return .doubtful(offset) }
      }
      let cost = model.cost(ofLength: length, after: chain.lastLength)
      // What is beyond doubt needs no more to speak for it.
      let isSure = chain.isAnchored || chain.bits > SegmentWalk.sure
      let gain = isSure ? 0 : model.chance(before: bytes.two(before: offset), length) - cost
      let isUsual = length > 0 && cost <= SegmentWalk.usualCost
      steps.append(Step(chain: chain, isUsual: isUsual, isEmpty: length == 0))
      if steps.count >= 2 * SegmentWalk.most { steps.removeFirst(SegmentWalk.most) }
      isStrange =
        !trustsEmpties && !doubtsNothing && strangers < SegmentWalk.mostStrangers
        && model.isGiant(length)
      chain = chain.adding(length, gain: gain, cost: cost, isUsual: model.isUsual(length))
    }
    return isStrange ? doubt(chain.end) : .end
  }

  /// A length far beyond the others' has led here.
  private mutating func doubt(_ offset: Int64) -> Stop {
    isStrange = false
    strangers += 1
    return .doubtful(offset)
  }

  /// The chain up to where it is beyond doubt, before it broke.
  ///
  /// Behind a wrong length, lengths are not what they are elsewhere.
  func anchor(of chain: Chain) -> Chain {
    var run = 0
    var empties = 0
    for step in steps.reversed() {
      // Some empty messages say nothing, many in a row may be zeros.
      empties = step.isEmpty ? empties + 1 : 0
      if step.isEmpty, empties <= SegmentWalk.fewEmpties { continue }
      run = step.isUsual ? run + 1 : 0
      if run == SegmentWalk.usualRun { return step.chain }
    }
    return steps.first?.chain ?? chain
  }

  /// Goes on behind a place that was explained; `isSame` says that the chain goes on through it.
  mutating func resume(isSame: Bool) {
    steps = []
    emptyRun = 0
    isStrange = false
    // Who has so many empty messages may have many more.
    if isSame { doubtfulRun = min(doubtfulRun * 4, 1 << 40) }
  }
}
