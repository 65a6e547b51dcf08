/* Random numbers, base64 and hex, and Winsock's names, as their pages say: "BCryptGenRandom function",
 * "CryptBinaryToStringA function", "CryptStringToBinaryA function", "GetAddrInfoW function". */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <bcrypt.h>
#include <wincrypt.h>
#include <check.h>

static void is(const std::string &text, const std::string &expected)
{
    ck_assert_str_eq(text.c_str(), expected.c_str());
}

START_TEST(random_numbers_differ)
{
    BYTE one[16] = {0}, two[16] = {0};
    BCRYPT_ALG_HANDLE algorithm;
    HCRYPTPROV provider;

    ck_assert(BCRYPT_SUCCESS(BCryptGenRandom(NULL, one, sizeof(one), BCRYPT_USE_SYSTEM_PREFERRED_RNG)));
    ck_assert(BCRYPT_SUCCESS(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_RNG_ALGORITHM, NULL, 0)));
    ck_assert(BCRYPT_SUCCESS(BCryptGenRandom(algorithm, two, sizeof(two), 0)));
    ck_assert(memcmp(one, two, sizeof(one)));
    ck_assert_int_eq(BCryptCloseAlgorithmProvider(algorithm, 0), STATUS_SUCCESS);
    ck_assert_int_eq(BCryptGenRandom(NULL, one, sizeof(one), 0), STATUS_INVALID_HANDLE);
    ck_assert_int_eq(BCryptOpenAlgorithmProvider(&algorithm, L"SHA256", NULL, 0), STATUS_NOT_FOUND);
    ck_assert(CryptAcquireContext(&provider, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT | CRYPT_SILENT));
    ck_assert(CryptGenRandom(provider, sizeof(one), one) && memcmp(one, two, sizeof(one)));
    ck_assert(CryptReleaseContext(provider, 0) && !CryptGenRandom(5, sizeof(one), one));
}
END_TEST

static std::string text_of(const std::string &bytes, DWORD flags)
{
    char text[512];
    DWORD room = 0, needed = 0;

    ck_assert(CryptBinaryToStringA((const BYTE *)bytes.data(), (DWORD)bytes.size(), flags, NULL, &needed));
    ck_assert_uint_le(needed, sizeof(text));
    room = needed;
    ck_assert(CryptBinaryToStringA((const BYTE *)bytes.data(), (DWORD)bytes.size(), flags, text, &room));
    ck_assert_uint_eq(room, needed - 1);
    return text;
}
static std::string bytes_of(const char *text, DWORD flags)
{
    BYTE bytes[512];
    DWORD room = sizeof(bytes);
    if (!CryptStringToBinaryA(text, 0, flags, bytes, &room, NULL, NULL)) {
        ck_assert_uint_eq(GetLastError(), ERROR_INVALID_DATA);
        return "(none)";
    }
    return std::string((char *)bytes, room);
}

START_TEST(bytes_become_text_and_bytes_again)
{
    const DWORD plain = CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF;
    WCHAR wide[16];
    DWORD room = 16;

    is(text_of("f", plain), "Zg==");
    is(text_of("fo", plain), "Zm8=");
    is(text_of("foo", plain), "Zm9v");
    is(text_of("foob", CRYPT_STRING_BASE64), "Zm9vYg==\r\n");
    is(text_of("\xff\xfe", CRYPT_STRING_BASE64URI), "__4");
    is(text_of(std::string(50, 'x'), CRYPT_STRING_BASE64).substr(60, 12), "eHh4\r\neHg=\r\n");
    is(text_of("\x01\xab", CRYPT_STRING_HEXRAW | CRYPT_STRING_NOCRLF), "01ab");
    is(text_of("\x01\xab", CRYPT_STRING_HEX | CRYPT_STRING_NOCR), "01 ab\n");
    is(bytes_of("Zm9v\r\nYg==", CRYPT_STRING_BASE64), "foob");
    is(bytes_of("__4", CRYPT_STRING_BASE64URI), "\xff\xfe");
    is(bytes_of("Zm8=", CRYPT_STRING_BASE64), "fo");
    is(bytes_of("", CRYPT_STRING_BASE64), "");
    is(bytes_of("01 AB\n", CRYPT_STRING_HEX), "\x01\xab");
    for (const char *wrong : {"Zm9", "Z", "Zm8=x", "Zm9v!", "Zg=a"})
        is(bytes_of(wrong, CRYPT_STRING_BASE64), "(none)");
    is(bytes_of("0", CRYPT_STRING_HEXRAW), "(none)");
    ck_assert(CryptBinaryToStringW((const BYTE *)"foo", 3, plain, wide, &room));
    ck_assert(!wcscmp(wide, L"Zm9v") && room == 4);
    room = 4;
    ck_assert(!CryptBinaryToStringW((const BYTE *)"foo", 3, plain, wide, &room));
    ck_assert(GetLastError() == ERROR_MORE_DATA && room == 5);
    BYTE two[2];
    room = 2;
    ck_assert(!CryptStringToBinaryW(L"Zm9v", 0, CRYPT_STRING_BASE64, two, &room, NULL, NULL));
    ck_assert(GetLastError() == ERROR_MORE_DATA && room == 3);
}
END_TEST

START_TEST(addresses_have_names)
{
    ADDRINFOW hints = ADDRINFOW(), *found = NULL;
    WSADATA data;
    WCHAR text[64], host[64], port[16];
    char name[64];
    DWORD room = 64;
    IN6_ADDR six;

    ck_assert_int_eq(WSAStartup(MAKEWORD(2, 2), &data), 0);
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    ck_assert_int_eq(GetAddrInfoW(L"127.0.0.1", L"80", &hints, &found), 0);
    ck_assert(found && found->ai_family == AF_INET && !found->ai_next);
    ck_assert_int_eq(WSAAddressToStringW(found->ai_addr, (DWORD)found->ai_addrlen, NULL, text, &room), 0);
    ck_assert(!wcscmp(text, L"127.0.0.1:80") && room == 13);
    ck_assert_int_eq(GetNameInfoW(found->ai_addr, (socklen_t)found->ai_addrlen, host, 64, port, 16,
                                  NI_NUMERICHOST | NI_NUMERICSERV), 0);
    ck_assert(!wcscmp(host, L"127.0.0.1") && !wcscmp(port, L"80"));
    FreeAddrInfoW(found);
    ck_assert_int_eq(GetAddrInfoW(L"no address", NULL, &hints, &found), WSAHOST_NOT_FOUND);
    ck_assert_ptr_null(found);
    ck_assert_int_eq(InetPtonW(AF_INET6, L"::1", &six), 1);
    ck_assert(InetNtopW(AF_INET6, &six, text, 64) && !wcscmp(text, L"::1"));
    ck_assert_int_eq(gethostname(name, 64), 0);
    WSASetLastError(WSAECONNREFUSED);
    ck_assert_int_eq(WSAGetLastError(), WSAECONNREFUSED);
    ck_assert_int_eq(WSACleanup(), 0);
}
END_TEST

/* Pages: "select function (winsock2.h)": the first argument is ignored, a failed connect is in the third set;
 * "SOL_SOCKET Socket Options": time limits are a DWORD of milliseconds, SO_ERROR is a WSA code. */
START_TEST(sockets_have_winsocks_types)
{
    SOCKET server = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), peer;
    SOCKADDR_IN address, other;
    int length = sizeof(address), error = 0;
    DWORD ms = 1500;
    TIMEVAL none = { 0, 0 }, second = { 1, 0 };
    u_long on = 1;
    fd_set readable, writable, failed;

    ZeroMemory(&address, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(server, (SOCKADDR *)&address, sizeof(address)), 0);
    ck_assert_int_eq(getsockname(server, (SOCKADDR *)&address, &length), 0);
    ck_assert_int_eq(ioctlsocket(client, FIONBIO, &on), 0);
    /* Nobody listens. */
    ck_assert_int_eq(connect(client, (SOCKADDR *)&address, sizeof(address)), SOCKET_ERROR);
    if (WSAGetLastError() == WSAEWOULDBLOCK) {
        FD_ZERO(&writable);
        FD_SET(client, &writable);
        failed = writable;
        ck_assert_int_eq(select(0, NULL, &writable, &failed, &second), 1);
        ck_assert(!FD_ISSET(client, &writable) && FD_ISSET(client, &failed));
        length = sizeof(error);
        ck_assert_int_eq(getsockopt(client, SOL_SOCKET, SO_ERROR, (char *)&error, &length), 0);
        ck_assert_int_eq(error, WSAECONNREFUSED);
    }
    closesocket(client);

    ck_assert_int_eq(listen(server, 5), 0);
    client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    FD_ZERO(&readable);
    FD_SET(server, &readable);
    FD_SET(server, &readable);
    ck_assert_uint_eq(readable.fd_count, 1);
    ck_assert_int_eq(select(0, &readable, NULL, NULL, &none), 0);
    ck_assert(readable.fd_count == 0 && !FD_ISSET(server, &readable));
    ck_assert_int_eq(connect(client, (SOCKADDR *)&address, sizeof(address)), 0);
    FD_SET(server, &readable);
    FD_SET(client, &readable);
    FD_ZERO(&writable);
    FD_SET(client, &writable);
    ck_assert_int_eq(select(0, &readable, &writable, NULL, &second), 2);
    ck_assert(FD_ISSET(server, &readable) && !FD_ISSET(client, &readable) && FD_ISSET(client, &writable));
    FD_CLR(server, &readable);
    ck_assert_uint_eq(readable.fd_count, 0);
    length = sizeof(other);
    ck_assert((peer = accept(server, (SOCKADDR *)&other, &length)) != INVALID_SOCKET);
    ck_assert_int_eq(getpeername(peer, (SOCKADDR *)&address, &length), 0);
    ck_assert_int_eq(address.sin_port, other.sin_port);

    ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof(ms)), 0);
    ms = 0;
    length = sizeof(ms);
    ck_assert_int_eq(getsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, &length), 0);
    ck_assert_uint_eq(ms, 1500);
    ms = 1;
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof(ms));
    ck_assert_int_eq(recv(peer, (char *)&ms, 1, 0), SOCKET_ERROR);
    ck_assert_int_eq(send(client, "x", 1, 0), 1);
    ck_assert_int_eq(recvfrom(peer, (char *)&ms, 1, 0, NULL, NULL), 1);
    closesocket(peer);
    closesocket(client);
    closesocket(server);
    FD_ZERO(&readable);
    ck_assert_int_eq(select(0, &readable, NULL, NULL, &none), SOCKET_ERROR);
    ck_assert_int_eq(WSAGetLastError(), WSAEINVAL);
    FD_SET(server, &readable);
    ck_assert_int_eq(select(0, &readable, NULL, NULL, &none), SOCKET_ERROR);
    ck_assert_int_eq(WSAGetLastError(), WSAENOTSOCK);
}
END_TEST

int main()
{
    Suite *suite = suite_create("crypt");
    TCase *tcase = tcase_create("crypt");

    tcase_add_test(tcase, random_numbers_differ);
    tcase_add_test(tcase, bytes_become_text_and_bytes_again);
    tcase_add_test(tcase, addresses_have_names);
    tcase_add_test(tcase, sockets_have_winsocks_types);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
