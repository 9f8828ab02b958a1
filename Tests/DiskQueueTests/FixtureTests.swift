import DiskQueue
import DiskQueueTesting
import QueueInspection
import SystemPackage
import Testing

/// Directories made by the real Go programs.
@Suite struct FixtureTests {
  static let undamaged = Fixture.all("clean-", "name-", "old-", "seed-", "number-", "nsqd-clean")
  /// Damage that needs no salvage: everything owed comes out by opening.
  static let opens = Fixture.all().filter { fixture in
    !["bad-file-left", "length-huge", "length-negative", "length-off-by-some"]
      .contains(fixture.name)
  }

  @Test func `all fixtures are there`() {
    #expect(Fixture.all().count == 39)
    #expect(FixtureTests.undamaged.count == 15)
  }

  @Test(arguments: undamaged)
  func `a survey tells depth and positions and touches nothing`(fixture: Fixture) throws {
    let directory = try fixture.copy()
    let before = try directory.contents()
    var survey = Survey(directory.path)
    let report = try survey.refresh()
    #expect(report.queues.map(\.name.description) == fixture.queues.map(\.name))
    for (queue, expected) in zip(report.queues, fixture.queues) {
      #expect(queue.depth == expected.depth)
      #expect(queue.depthSource == "metadata")
      if let metadata = expected.metadata {
        #expect(queue.metadata?.numbers?.depth == metadata.depth)
        #expect(queue.read == metadata.read)
        #expect(queue.write == metadata.write)
      } else {
        #expect(queue.metadata?.numbers?.read == queue.read)
        #expect(queue.metadata?.numbers?.write == queue.write)
      }
      #expect(queue.findings.allSatisfy { $0.code == .badFile })
    }
    #expect(try directory.contents() == before)
  }

  @Test(arguments: opens)
  func `opening and taking delivers everything owed, in order`(fixture: Fixture) throws {
    let directory = try fixture.copy()
    for expected in fixture.queues {
      let queue = try DiskQueue(
        expected.name, directory: directory.path, options: fixture.options)
      #expect(queue.depth >= expected.depth)
      let taken = try queue.take(.max).map(\.payload)
      #expect(expected.isDelivered(by: taken))
      #expect(queue.depth == 0)
      try queue.put(contentsOf: expected.owed)
      try queue.close()
      let again = try DiskQueue(
        expected.name, directory: directory.path, options: fixture.options)
      #expect(try again.take(.max).map(\.payload) == expected.owed)
    }
  }

  @Test(arguments: Fixture.all())
  func `a browser reads without a change`(fixture: Fixture) throws {
    let directory = try fixture.copy()
    let before = try directory.contents()
    for expected in fixture.queues {
      var browser = try QueueBrowser(
        QueueName(expected.name), in: directory.path, limits: fixture.options.limits)
      var count = 0
      while try browser.next() != nil { count += 1 }
      if FixtureTests.opens.contains(where: { $0.name == fixture.name }) {
        #expect(count >= expected.depth)
      }
    }
    #expect(try directory.contents() == before)
  }

  @Test(arguments: Fixture.all())
  func `a check of every fixture ends and changes nothing`(fixture: Fixture) throws {
    let directory = try fixture.copy()
    let before = try directory.contents()
    for expected in fixture.queues {
      let report = try Checker(directory.path, limits: fixture.options.limits)
        .check(QueueName(expected.name), bad: true)
      #expect(report.segments.allSatisfy { $0.messages != nil })
    }
    #expect(try directory.contents() == before)
  }
}
