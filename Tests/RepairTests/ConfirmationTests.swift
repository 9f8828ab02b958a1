import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// What has to be typed before a plan may be applied.
@Suite struct ConfirmationTests {
  private func plan(_ name: String) throws -> Plan {
    try Operator("/data", disk: DirectoryBuilder().disk, processes: FakeProcesses())
      .planner.inject([[1]], into: QueueName(name))
  }

  private func isRefused(_ body: () throws(DiskQueueError) -> Void) -> Bool {
    do throws(DiskQueueError) { try body() } catch { return error.code == .refused }
    return false
  }

  @Test(arguments: ["", "job", "jobs ", "JOBS", "yes", "inject 1"])
  func `another word than the name confirms nothing`(word: String) throws {
    let plan = try plan("jobs")
    #expect(
      isRefused { () throws(DiskQueueError) in
        _ = try plan.confirmed(by: .typed(Array(word.utf8)))
      })
    #expect(
      isRefused { () throws(DiskQueueError) in
        _ = try Plan.confirm([plan], by: .typed(Array(word.utf8)))
      })
  }

  @Test func `the name confirms, and so does an outright yes`() throws {
    let plan = try plan("jobs")
    #expect(try plan.confirmed(by: .typed(Array("jobs".utf8))).plan == plan)
    #expect(try plan.confirmed(by: .yes).plan == plan)
  }

  @Test func `a name that is no text is typed as it is or as it is shown`() throws {
    var odd = try plan("jobs")
    odd.queue = try #require(QueueName(bytes: [0xFF, 65]))
    let spellings = odd.passwords
    #expect(Set(spellings).count == 2 && spellings.contains([0xFF, 65]))
    for word in spellings { #expect(try odd.confirmed(by: .typed(word)).plan == odd) }
  }

  @Test func `several plans are confirmed by the act and their number`() throws {
    let plans = [try plan("jobs"), try plan("mails")]
    #expect(try Plan.confirm(plans, by: .typed(Array("inject 2".utf8))).map(\.plan) == plans)
    #expect(try Plan.confirm(plans, by: .yes).map(\.plan) == plans)
    for word in ["jobs", "mails", "inject", "inject 3", "2", ""] {
      #expect(
        isRefused { () throws(DiskQueueError) in
          _ = try Plan.confirm(plans, by: .typed(Array(word.utf8)))
        }, "\(word)")
    }
  }
}
