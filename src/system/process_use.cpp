// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/process_use.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace igd {
namespace {

std::chrono::microseconds timeOf(const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

std::size_t countDescriptors() {
    std::error_code error;
    std::filesystem::directory_iterator all{"/proc/self/fd", error};
    if (error) return 0;
    const auto count = std::distance(begin(all), end(all));
    return static_cast<std::size_t>(count) - 1;  // one was open for the look
}

}  // namespace

ProcessUse useOfThisProcess() {
    ProcessUse use;
    rusage spent{};
    if (::getrusage(RUSAGE_SELF, &spent) == 0)
        use.processorTime = timeOf(spent.ru_utime) + timeOf(spent.ru_stime);
    std::uint64_t virtualPages = 0;
    std::uint64_t residentPages = 0;
    if (std::ifstream{"/proc/self/statm"} >> virtualPages >> residentPages) {
        const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        use.virtualBytes = virtualPages * page;
        use.residentBytes = residentPages * page;
    }
    use.openDescriptors = countDescriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        use.mostDescriptors = static_cast<std::size_t>(
            std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<std::size_t>::max()));
    return use;
}

}  // namespace igd
