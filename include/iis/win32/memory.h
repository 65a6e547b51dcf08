/*
 * win32/memory.h - the heaps of Windows. All of them are malloc: what one function allocates any other may free, a
 * private heap that is destroyed takes its blocks along. Each block knows its size, for HeapSize and for zeroing what
 * HeapReAlloc adds. Any thread. Pages: "HeapAlloc function", "LocalAlloc function", "VirtualAlloc function".
 */
#ifndef IIS_WIN32_MEMORY_H
#define IIS_WIN32_MEMORY_H

#include <mutex>
#include <unordered_map>

#include "system.h"

#define HEAP_NO_SERIALIZE 0x00000001
#define HEAP_GROWABLE 0x00000002
#define HEAP_GENERATE_EXCEPTIONS 0x00000004
#define HEAP_ZERO_MEMORY 0x00000008
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010
#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR 0x0040
#define LHND 0x0042
#define GMEM_FIXED 0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_ZEROINIT 0x0040
#define GPTR 0x0040
#define GHND 0x0042
#define MEM_COMMIT 0x00001000
#define MEM_RESERVE 0x00002000
#define MEM_DECOMMIT 0x00004000
#define MEM_RELEASE 0x00008000
#define PAGE_NOACCESS 0x01
#define PAGE_READONLY 0x02
#define PAGE_READWRITE 0x04
#define PAGE_EXECUTE 0x10
#define PAGE_EXECUTE_READ 0x20
#define PAGE_EXECUTE_READWRITE 0x40

/* In front of each block; 32 bytes, so that the block is aligned as malloc's. The ring is that of a private heap. */
struct alignas(16) iis_block {
    size_t size;
    iis_block *next, *previous;
    struct iis_heap *heap;
};
struct iis_heap {
    std::mutex lock;
    iis_block ring;
    iis_heap() { ring.next = ring.previous = &ring; ring.heap = this; ring.size = 0; }
};

IIS_API HANDLE WINAPI GetProcessHeap()
{
    static iis_heap *heap = new iis_heap;
    return heap;
}
IIS_API HANDLE WINAPI HeapCreate(DWORD, SIZE_T, SIZE_T) { return new iis_heap; }

/* Blocks of the process's heap are in no ring: nothing ever walks them. */
IIS_API void iis_ring_enter(iis_heap *heap, iis_block *block)
{
    block->heap = heap;
    if (heap == GetProcessHeap())
        return;
    std::lock_guard<std::mutex> guard(heap->lock);
    block->next = heap->ring.next;
    block->previous = &heap->ring;
    block->next->previous = block->previous->next = block;
}
IIS_API void iis_ring_leave(iis_block *block)
{
    if (block->heap == GetProcessHeap())
        return;
    std::lock_guard<std::mutex> guard(block->heap->lock);
    block->next->previous = block->previous;
    block->previous->next = block->next;
}
IIS_API iis_block *iis_block_of(const void *memory) { return (iis_block *)memory - 1; }

IIS_API LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
    if (dwBytes > SIZE_MAX - sizeof(iis_block))
        return NULL;
    iis_block *block = (iis_block *)(dwFlags & HEAP_ZERO_MEMORY ? calloc(1, sizeof(iis_block) + dwBytes)
                                                                : malloc(sizeof(iis_block) + dwBytes));
    if (!block) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    block->size = dwBytes;
    iis_ring_enter((iis_heap *)hHeap, block);
    return block + 1;
}
IIS_API BOOL WINAPI HeapFree(HANDLE /* hHeap */, DWORD, LPVOID lpMem)
{
    if (!lpMem)
        return TRUE;
    iis_ring_leave(iis_block_of(lpMem));
    free(iis_block_of(lpMem));
    return TRUE;
}
IIS_API SIZE_T WINAPI HeapSize(HANDLE, DWORD, LPCVOID lpMem) { return lpMem ? iis_block_of(lpMem)->size : (SIZE_T)-1; }
/* NULL, and the block stays, when there is no memory. */
IIS_API LPVOID WINAPI HeapReAlloc(HANDLE /* hHeap */, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
    if (!lpMem || dwBytes > SIZE_MAX - sizeof(iis_block))
        return NULL;
    iis_block *block = iis_block_of(lpMem);
    size_t before = block->size;
    if (dwFlags & HEAP_REALLOC_IN_PLACE_ONLY) {
        if (dwBytes > before)
            return NULL;
        block->size = dwBytes;
        return lpMem;
    }
    iis_heap *heap = block->heap;
    iis_ring_leave(block);
    iis_block *moved = (iis_block *)realloc((void *)block, sizeof(iis_block) + dwBytes);
    iis_ring_enter(heap, moved ? moved : block);
    if (!moved) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    moved->size = dwBytes;
    if ((dwFlags & HEAP_ZERO_MEMORY) && dwBytes > before)
        memset((char *)(moved + 1) + before, 0, dwBytes - before);
    return moved + 1;
}
IIS_API BOOL WINAPI HeapDestroy(HANDLE hHeap)
{
    iis_heap *heap = (iis_heap *)hHeap;

    if (!heap || heap == GetProcessHeap())
        return iis_failed(ERROR_INVALID_HANDLE);
    while (heap->ring.next != &heap->ring)
        HeapFree(heap, 0, heap->ring.next + 1);
    delete heap;
    return TRUE;
}
IIS_API BOOL WINAPI HeapValidate(HANDLE, DWORD, LPCVOID) { return TRUE; }
IIS_API BOOL WINAPI HeapSetInformation(HANDLE, int, PVOID, SIZE_T) { return TRUE; }

/* ---- LocalAlloc, GlobalAlloc: handles are pointers, also of movable memory ---------------------------------------- */

IIS_API HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
    return HeapAlloc(GetProcessHeap(), uFlags & LMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0, uBytes);
}
IIS_API HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags)
{
    return HeapReAlloc(GetProcessHeap(), uFlags & LMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0, hMem, uBytes);
}
/* NULL: it is free. */
IIS_API HLOCAL WINAPI LocalFree(HLOCAL hMem) { HeapFree(GetProcessHeap(), 0, hMem); return NULL; }
IIS_API LPVOID WINAPI LocalLock(HLOCAL hMem) { return hMem; }
IIS_API BOOL WINAPI LocalUnlock(HLOCAL) { return iis_failed(NO_ERROR); }
IIS_API SIZE_T WINAPI LocalSize(HLOCAL hMem) { return hMem ? iis_block_of(hMem)->size : 0; }
IIS_API HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes) { return LocalAlloc(uFlags, dwBytes); }
IIS_API HGLOBAL WINAPI GlobalReAlloc(HGLOBAL h, SIZE_T n, UINT flags) { return LocalReAlloc(h, n, flags); }
IIS_API HGLOBAL WINAPI GlobalFree(HGLOBAL hMem) { return LocalFree(hMem); }
IIS_API LPVOID WINAPI GlobalLock(HGLOBAL hMem) { return hMem; }
IIS_API BOOL WINAPI GlobalUnlock(HGLOBAL) { return iis_failed(NO_ERROR); }
IIS_API SIZE_T WINAPI GlobalSize(HGLOBAL hMem) { return LocalSize(hMem); }

/* The server's allocator too (iis_automation.h): no header in front. */
IIS_API LPVOID WINAPI CoTaskMemAlloc(SIZE_T cb) { return malloc(cb ? cb : 1); }
IIS_API LPVOID WINAPI CoTaskMemRealloc(LPVOID pv, SIZE_T cb)
{
    if (cb)
        return realloc(pv, cb);
    free(pv);
    return NULL;
}
IIS_API void WINAPI CoTaskMemFree(LPVOID pv) { free(pv); }

IIS_API PVOID WINAPI SecureZeroMemory(PVOID ptr, SIZE_T cnt)
{
    memset(ptr, 0, cnt);
    __asm__ __volatile__("" : : "r"(ptr) : "memory");
    return ptr;
}
#define RtlSecureZeroMemory SecureZeroMemory
#define RtlEqualMemory(a, b, n) (!memcmp((a), (b), (n)))

/* ---- pages ------------------------------------------------------------------------------------------------------- */

IIS_API int iis_protection(DWORD protect)
{
    switch (protect & 0xff) {
    case PAGE_READONLY: return 1;            /* PROT_READ, PROT_WRITE 2, PROT_EXEC 4 */
    case PAGE_READWRITE: return 3;
    case PAGE_EXECUTE: return 4;
    case PAGE_EXECUTE_READ: return 5;
    case PAGE_EXECUTE_READWRITE: return 7;
    default: return 0;
    }
}
struct iis_regions {
    std::mutex lock;
    std::unordered_map<void *, size_t> sizes;
};
IIS_API iis_regions &iis_region_table()
{
    static iis_regions *table = new iis_regions;
    return *table;
}
/* Pages that were reserved are committed by a second call. */
IIS_API LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType, DWORD flProtect)
{
    int protection = flAllocationType & MEM_COMMIT ? iis_protection(flProtect) : 0;

    if (!dwSize || !(flAllocationType & (MEM_COMMIT | MEM_RESERVE))) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (lpAddress && !(flAllocationType & MEM_RESERVE)) {
        if (!iis_libc_mprotect(lpAddress, dwSize, protection))
            return lpAddress;
        iis_failed_errno();
        return NULL;
    }
    void *pages = iis_libc_mmap(lpAddress, dwSize, protection, 0x22 /* MAP_PRIVATE | MAP_ANONYMOUS */, -1, 0);
    if (pages == (void *)-1) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    std::lock_guard<std::mutex> guard(iis_region_table().lock);
    iis_region_table().sizes[pages] = dwSize;
    return pages;
}
IIS_API BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
{
    if (dwFreeType == MEM_DECOMMIT)
        return iis_libc_mprotect(lpAddress, dwSize, 0) ? iis_failed_errno() : TRUE;
    if (dwFreeType != MEM_RELEASE || dwSize)
        return iis_failed(ERROR_INVALID_PARAMETER);
    std::lock_guard<std::mutex> guard(iis_region_table().lock);
    auto found = iis_region_table().sizes.find(lpAddress);
    if (found == iis_region_table().sizes.end())
        return iis_failed(ERROR_INVALID_PARAMETER);
    iis_libc_munmap(lpAddress, found->second);
    iis_region_table().sizes.erase(found);
    return TRUE;
}
IIS_API BOOL WINAPI VirtualProtect(LPVOID lpAddress, SIZE_T dwSize, DWORD flNewProtect, PDWORD lpflOldProtect)
{
    if (!lpflOldProtect)
        return iis_failed(ERROR_NOACCESS);
    *lpflOldProtect = PAGE_READWRITE;
    return iis_libc_mprotect(lpAddress, dwSize, iis_protection(flNewProtect)) ? iis_failed_errno() : TRUE;
}

#endif /* IIS_WIN32_MEMORY_H */
