import DiskQueueTesting
import Testing

@testable import DiskQueue

/// One thread works for all that wait, and what has failed was reached for nobody.
@Suite struct TurnstileTests {
  @Test func `a number is reached by work that succeeds, and only by that`() throws {
    let turnstile = Turnstile()
    var works = 0
    let error = #expect(throws: DiskQueueError.self) {
      try turnstile.pass(3) { () throws(DiskQueueError) in
        works += 1
        throw DiskQueueError(.syncFailed, "a test")
      }
    }
    #expect(error?.code == .syncFailed)
    for number: Int64 in [3, 2, 5, 4, 6] {
      try turnstile.pass(number) { () throws(DiskQueueError) in
        works += 1
        return number
      }
    }
    // 2 was reached with 3, and 4 with 5.
    #expect(works == 4)
  }
}
