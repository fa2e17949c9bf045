// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/memory.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace igd {
namespace {

/// The loader tells addresses as numbers.
void* at(std::uintptr_t address) {
    return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// Code that the loader has written into: the file has not what its pages have.
bool hasTextRelocations(const dl_phdr_info& object) {
    for (int i = 0; i < object.dlpi_phnum; ++i) {
        const auto& header = object.dlpi_phdr[i];
        if (header.p_type != PT_DYNAMIC) continue;
        const auto* entry = static_cast<const ElfW(Dyn)*>(at(object.dlpi_addr + header.p_vaddr));
        for (; entry->d_tag != DT_NULL; ++entry) {
            if (entry->d_tag == DT_TEXTREL) return true;
            if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
        }
    }
    return false;
}

int letGo(dl_phdr_info* object, std::size_t /*size*/, void* /*nothing*/) {
    // The program itself has no name; the kernel's own page has no path.
    const std::string_view name = object->dlpi_name;
    if ((!name.empty() && name.front() != '/') || hasTextRelocations(*object)) return 0;
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& header = object->dlpi_phdr[i];
        if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
        const std::uintptr_t start = object->dlpi_addr + header.p_vaddr;
        const std::uintptr_t from = (start + page - 1) / page * page;
        const std::uintptr_t to = (start + header.p_memsz) / page * page;
        if (to > from) (void)::madvise(at(from), to - from, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void giveMemoryBack() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
    ::dl_iterate_phdr(letGo, nullptr);
}

}  // namespace igd
