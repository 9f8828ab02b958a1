import DiskQueue
import DiskQueueTesting
import QueueConsole
import QueueInspection
import SystemPackage
import Testing

/// A look that does not come back is seen: the header never says LIVE over old figures.
@Suite struct StaleTests {
  private func time(_ seconds: Double) -> Timestamp {
    // The sample was looked at last five seconds after its start.
    Timestamp(nanoseconds: Sample.start.nanoseconds + 5_000_000_000 + Int64(seconds * 1e9))
  }

  private func header(_ model: Model) -> String { Screen.draw(model).lines[0] }

  @Test(
    arguments: [
      // seconds between two looks, seconds since one was asked for, the age that is told
      (1.0, 3.0, nil), (1.0, 3.5, 4), (1.0, 12.0, 13), (0.1, 2.9, nil), (0.1, 3.2, 3),
      (5.0, 14.9, nil), (5.0, 16.0, 21), (60.0, 179.0, nil), (60.0, 181.0, 241),
    ] as [(Double, Double, Int64?)])
  func `it is overdue after three intervals, and after three seconds at the least`(
    interval: Double, passed: Double, age: Int64?
  ) throws {
    var model = try Sample.model()
    model.interval = interval
    #expect(model.update(.tick(time(interval))) == [.refresh])
    #expect(model.update(.tick(time(interval + passed))).isEmpty)
    #expect(model.staleSeconds == age)
    #expect(header(model).contains("LIVE") == (age == nil))
    #expect(header(model).contains("STALE") == (age != nil))
  }

  @Test func `the clock goes on, the age beside it, and a look that comes makes it live again`()
    throws
  {
    var model = try Sample.model()
    _ = model.update(.tick(time(1)))
    _ = model.update(.tick(time(13)))
    #expect(header(model).hasSuffix("STALE 13s  \(time(13).clock)"))
    _ = model.update(.tick(time(14)))
    #expect(header(model).hasSuffix("STALE 14s  \(time(14).clock)"))
    var report = try Sample.report(later: true)
    report.takenAt = time(13)
    // What changed nothing still makes the figures new.
    _ = model.update(.surveyed(report, changed: []))
    #expect(model.staleSeconds == nil)
    #expect(header(model).contains("LIVE"))
    #expect(model.now == time(14))
  }

  @Test func `a first look that never comes is told as well`() throws {
    var model = Model(directory: "/nfs/dead")
    _ = model.update(.resized(columns: 80, rows: 24))
    #expect(model.update(.tick(time(0))) == [.refresh])
    _ = model.update(.tick(time(9)))
    #expect(header(model).contains("STALE 9s"))
  }

  @Test func `looks that fail leave old figures, which are called so`() throws {
    var model = try Sample.model()
    _ = model.update(.tick(time(1)))
    let error = DiskQueueError(.inputOutput, "gone")
    _ = model.update(.surveyFailed(error))
    #expect(model.staleSeconds == nil)
    _ = model.update(.tick(time(30)))
    #expect(header(model).contains("STALE 30s"))
  }

  @Test func `a pause is no staleness, unless a look was asked for`() throws {
    var model = try Sample.model()
    model.press(.character("z"))
    _ = model.update(.tick(time(100)))
    #expect(header(model).contains("PAUSED"))
    #expect(model.press(.character("R")) == [.refresh])
    _ = model.update(.tick(time(110)))
    #expect(header(model).contains("STALE"))
  }
}
