import Glibc

/// Lets threads wait until a number has been reached, which one of them at a time works towards.
///
/// Swift's `Mutex` wakes its waiters one after another; here all whose number was reached go on at
/// once. `@unchecked Sendable`: the pthread objects are made for several threads, their memory is
/// this object's own until it goes, and the other fields are touched only with the mutex held.
@safe
final class Turnstile: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var reached: Int64 = 0
  private var isLed = false

  init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
    unsafe condition.deallocate()
  }

  /// Returns when `number` is reached.
  ///
  /// A thread that finds nobody at it does `work`, which returns the number reached, and throws
  /// what that throws.
  func pass(
    _ number: Int64, _ work: () throws(DiskQueueError) -> Int64
  ) throws(DiskQueueError) {
    unsafe pthread_mutex_lock(mutex)
    while reached < number {
      if isLed {
        unsafe pthread_cond_wait(condition, mutex)
        continue
      }
      isLed = true
      unsafe pthread_mutex_unlock(mutex)
      let outcome: Result<Int64, DiskQueueError>
      do { outcome = .success(try work()) } catch { outcome = .failure(error) }
      unsafe pthread_mutex_lock(mutex)
      isLed = false
      if case .success(let now) = outcome { reached = max(reached, now) }
      unsafe pthread_cond_broadcast(condition)
      if case .failure(let error) = outcome {
        unsafe pthread_mutex_unlock(mutex)
        throw error
      }
    }
    unsafe pthread_mutex_unlock(mutex)
  }
}
