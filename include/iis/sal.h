/*
 * sal.h - Microsoft's source annotations. They say nothing to g++ and clang, so all of them are empty.
 *
 * The old ones need care: __in and __out, which Windows sources of that time put in front of every parameter, are
 * parameter and variable names inside the C++ library. They are defined in C++ only, and the library must not see
 * them. Where bin/kit/wrap.sh has made a folder for the compiler (iisresp-port and iisresp-express do), every header
 * of the library is reached through one of the same name there, which takes them away while it is read. Elsewhere all
 * of the library is read first: that takes longer. Define IIS_NO_SAL1 to go without the old annotations and that
 * cost. Not defined at all: __reserved, __callback and __success, names in system headers, and __null, which is a
 * keyword.
 */
#ifndef IIS_SAL_H
#define IIS_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_opt_z_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_z_
#define _Outptr_result_maybenull_z_
#define _Deref_out_
#define _Deref_out_opt_
#define _Deref_pre_maybenull_
#define _Deref_post_maybenull_
#define _COM_Outptr_
#define _COM_Outptr_opt_
#define _COM_Outptr_result_maybenull_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_z_
#define _Ret_maybenull_z_
#define _Ret_null_
#define _Ret_valid_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Printf_format_string_
#define _Scanf_format_string_
#define _Check_return_
#define _Must_inspect_result_
#define _Use_decl_annotations_
#define _Reserved_
#define _Const_
#define _Notnull_
#define _Maybenull_
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Pre_valid_
#define _Post_notnull_
#define _Post_maybenull_
#define _Post_valid_
#define _Post_invalid_
#define _Post_z_
#define _Pre_z_
#define _Points_to_data_
#define _Interlocked_operand_
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define _Callback_
#define _In_reads_(...)
#define _In_reads_opt_(...)
#define _In_reads_z_(...)
#define _In_reads_opt_z_(...)
#define _In_reads_bytes_(...)
#define _In_reads_bytes_opt_(...)
#define _In_reads_or_z_(...)
#define _In_range_(...)
#define _Out_range_(...)
#define _Ret_range_(...)
#define _Deref_out_range_(...)
#define _Out_writes_(...)
#define _Out_writes_opt_(...)
#define _Out_writes_z_(...)
#define _Out_writes_opt_z_(...)
#define _Out_writes_bytes_(...)
#define _Out_writes_bytes_opt_(...)
#define _Out_writes_to_(...)
#define _Out_writes_to_opt_(...)
#define _Out_writes_all_(...)
#define _Out_writes_bytes_to_(...)
#define _Out_writes_bytes_to_opt_(...)
#define _Out_writes_bytes_all_(...)
#define _Inout_updates_(...)
#define _Inout_updates_opt_(...)
#define _Inout_updates_z_(...)
#define _Inout_updates_bytes_(...)
#define _Inout_updates_bytes_opt_(...)
#define _Inout_updates_to_(...)
#define _Inout_updates_all_(...)
#define _Outptr_result_buffer_(...)
#define _Outptr_result_buffer_maybenull_(...)
#define _Outptr_result_bytebuffer_(...)
#define _Outptr_result_bytebuffer_maybenull_(...)
#define _Outptr_opt_result_buffer_(...)
#define _Outptr_opt_result_bytebuffer_(...)
#define _Ret_writes_(...)
#define _Ret_writes_bytes_(...)
#define _Ret_writes_z_(...)
#define _Ret_writes_maybenull_(...)
#define _Ret_writes_bytes_maybenull_(...)
#define _Field_size_(...)
#define _Field_size_opt_(...)
#define _Field_size_bytes_(...)
#define _Field_size_bytes_opt_(...)
#define _Field_range_(...)
#define _Success_(...)
#define _Return_type_success_(...)
#define _On_failure_(...)
#define _Always_(...)
#define _When_(...)
#define _At_(...)
#define _Group_(...)
#define _Pre_(...)
#define _Post_(...)
#define _Pre_satisfies_(...)
#define _Post_satisfies_(...)
#define _Satisfies_(...)
#define _Analysis_assume_(...)
#define _Acquires_lock_(...)
#define _Releases_lock_(...)
#define _Requires_lock_held_(...)
#define _Requires_lock_not_held_(...)
#define _Guarded_by_(...)
#define _Has_lock_kind_(...)
#define _Function_class_(...)

#if defined(__cplusplus) && !defined(IIS_NO_SAL1)

#if __has_include(<iis_std_wrapped.h>)
#define IIS_SAL1 1
#elif __has_include(<bits/stdc++.h>)
#include <bits/stdc++.h>
#define IIS_SAL1 1
#else
#define IIS_SAL1 0
#endif

/* Of a library with neither, its names are in too many places. */
#if IIS_SAL1
#define __in
#define __out
#endif

#define __in_opt
#define __in_z
#define __in_z_opt
#define __out_opt
#define __out_z
#define __out_z_opt
#define __inout
#define __inout_opt
#define __inout_z
#define __inout_z_opt
#define __deref_in
#define __deref_in_opt
#define __deref_out
#define __deref_out_opt
#define __deref_out_z
#define __deref_out_z_opt
#define __deref_opt_out
#define __deref_opt_out_opt
#define __deref_opt_out_z
#define __deref_inout
#define __deref_inout_opt
#define __checkReturn
#define __nullterminated
#define __nullnullterminated
#define __format_string
#define __in_ecount(...)
#define __in_ecount_opt(...)
#define __in_ecount_z(...)
#define __in_ecount_z_opt(...)
#define __in_bcount(...)
#define __in_bcount_opt(...)
#define __in_bcount_z(...)
#define __in_bcount_z_opt(...)
#define __out_ecount(...)
#define __out_ecount_opt(...)
#define __out_ecount_z(...)
#define __out_ecount_z_opt(...)
#define __out_ecount_part(...)
#define __out_ecount_part_opt(...)
#define __out_ecount_full(...)
#define __out_ecount_full_opt(...)
#define __out_bcount(...)
#define __out_bcount_opt(...)
#define __out_bcount_z(...)
#define __out_bcount_z_opt(...)
#define __out_bcount_part(...)
#define __out_bcount_part_opt(...)
#define __out_bcount_full(...)
#define __out_bcount_full_opt(...)
#define __inout_ecount(...)
#define __inout_ecount_opt(...)
#define __inout_ecount_z(...)
#define __inout_ecount_z_opt(...)
#define __inout_ecount_part(...)
#define __inout_ecount_part_opt(...)
#define __inout_ecount_full(...)
#define __inout_ecount_full_opt(...)
#define __inout_bcount(...)
#define __inout_bcount_opt(...)
#define __inout_bcount_z(...)
#define __inout_bcount_z_opt(...)
#define __inout_bcount_part(...)
#define __inout_bcount_part_opt(...)
#define __inout_bcount_full(...)
#define __inout_bcount_full_opt(...)
#define __deref_out_ecount(...)
#define __deref_out_ecount_opt(...)
#define __deref_out_bcount(...)
#define __deref_out_bcount_opt(...)
#define __deref_opt_out_ecount(...)
#define __deref_opt_out_ecount_opt(...)
#define __deref_opt_out_bcount(...)
#define __deref_opt_out_bcount_opt(...)
#define __deref_inout_ecount(...)
#define __deref_inout_ecount_opt(...)
#define __deref_inout_bcount(...)
#define __deref_inout_bcount_opt(...)
#define __field_ecount(...)
#define __field_bcount(...)
#define __field_ecount_opt(...)
#define __field_bcount_opt(...)
#define __analysis_assume(...)
#define __drv_freesMem(...)
#define __drv_allocatesMem(...)

#endif

#endif /* IIS_SAL_H */
