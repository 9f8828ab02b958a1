import DiskQueue
import DiskQueueTesting
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// Salvage of generated segments, held against the truth: what it finds, and how far its labels can be
/// trusted.
///
/// A failure names its seeds; DISKQ_SMEARS sets how many segments of each kind are tried, DISKQ_FROM the
/// first of them. `diskq-bench --salvage` does the same with more of larger ones.
@Suite struct SalvageTruthTests {
  /// Of ten thousand messages that are whole, how many may be missing.
  private static let missing: [MessageKind: Int] = [
    // A digit here or there is a message, too.
    .tiny: 100,
    // Whether records are within a message whose own length is gone, nothing tells.
    .frames: 600,
    // One of a hundred is much.
    .large: 300,
  ]

  /// Of ten thousand certain ones, how many may be wrong; lost bytes that a container's length makes up for
  /// let it fall apart.
  private static let wrong: [MessageKind: Int] = [.frames: 40]

  private static var seeds: Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["DISKQ_FROM"].flatMap { UInt64($0) } ?? 0
    let count = environment["DISKQ_SMEARS"].flatMap { UInt64($0) } ?? 24
    return first..<(first + count)
  }

  private static func read(_ segment: DamagedSegment) throws -> SalvageScore {
    let report = try segment.salvage()
    // Every byte is in one region, in order.
    #expect(report.regions.map(\.start) == [0] + report.regions.dropLast().map(\.end))
    #expect(report.regions.last?.end == Int64(segment.bytes.count))
    return SalvageScore(report, of: segment)
  }

  @Test(arguments: MessageKind.allCases)
  func `what is whole is found, and what was never put is not`(kind: MessageKind) throws {
    var all = SalvageScore()
    var worst: [String] = []
    for seed in Self.seeds {
      let score = try Self.read(DamagedSegment(kind, .small, seed: seed))
      if score.found < score.whole || score.wrong > 0 {
        worst.append("seed \(seed): \(score.found) of \(score.whole), \(score.wrong) wrong")
      }
      all += score
    }
    let missing = (all.whole - all.found) * 10_000
    #expect(missing <= all.whole * (Self.missing[kind] ?? 20), "\(worst)")
    #expect(all.wrong <= all.damages, "\(worst)")
    #expect(
      all[.certain].wrong * 10_000 <= all[.certain].right * (Self.wrong[kind] ?? 10), "\(worst)")
    #expect(all[.certain].right > 0)
  }

  @Test func `of the likely ones one in twenty is wrong at most`() throws {
    var all = SalvageScore()
    for kind in MessageKind.allCases where kind != .large {
      for seed in Self.seeds {
        all += try Self.read(DamagedSegment(kind, .small, seed: seed))
      }
    }
    let likely = all[.likely]
    #expect(likely.right > 0 && likely.wrong * 20 <= likely.right + likely.wrong, "\(likely)")
  }

  @Test(arguments: DamageKind.allCases)
  func `what a check says can be had is what a repair gets`(damage: DamageKind) throws {
    for (kind, seed) in zip(MessageKind.allCases, 0... as PartialRangeFrom<UInt64>)
    where kind != .large {
      let segment = DamagedSegment(kind, .small, [damage], seed: seed)
      let builder = DirectoryBuilder()
      builder.disk.plant(builder.directory.file(.segment(0), of: builder.queue), segment.bytes)
      builder.metadata("\(segment.payloads.count)\n0,0\n0,\(segment.bytes.count)\n")
      let repairer = Repairer(builder)
      let report = try Checker(
        "/data", disk: builder.disk, limits: repairer.options.limits, processes: FakeProcesses()
      ).check(builder.queue)
      let plan = try repairer.plan(.init())
      let told = report.segments.reduce(0) { $0 + ($1.messages ?? 0) }
      #expect(plan.isEmpty || plan.messages == told, "\(kind), seed \(seed)")
      if !plan.isEmpty { _ = try repairer.worker.apply(plan) }
      let taken = try builder.open(repairer.options).takeAll().count
      #expect(Int64(taken) == told, "\(kind), seed \(seed)")
    }
  }

  @Test func `a place is damaged as it should be, and the truth knows`() throws {
    var random = SeededGenerator(seed: 3)
    let payloads = MessageKind.text.payloads(3, &random)
    let sizes = payloads.map { $0.count + Record.headerSize }
    // The second one's length is gone, its payload is not.
    var segment = DamagedSegment(payloads)
    segment.damage(.ones, sizes[0]..<(sizes[0] + 4), &random)
    #expect(segment.truth.whole == [0, 2])
    #expect(segment.truth.payloads[Int64(sizes[0] + 4)] == 1)
    // What is doubled is there twice, and what was before and behind it is whole.
    segment = DamagedSegment(payloads)
    segment.damage(.doubled, sizes[0]..<(sizes[0] + sizes[1]), &random)
    #expect(segment.truth.records.values.sorted() == [0, 1, 1, 2])
    #expect(segment.bytes.count == sizes.reduce(0, +) + sizes[1])
    // What is lost is not.
    segment = DamagedSegment(payloads)
    segment.damage(.lost, (sizes[0] - 1)..<(sizes[0] + sizes[1]), &random)
    #expect(segment.truth.records == [Int64(sizes[0] - 1): 2])
    segment = DamagedSegment(payloads)
    segment.damage(.torn, (sizes[0] + 5)..<(sizes[0] + 9), &random)
    #expect(segment.bytes.count == sizes[0] + 5 && segment.truth.whole == [0])
  }
}
