/*
 * win32/msxml.h - of MSXML what a module needs to write XML, under the names that #import "msxml6.dll" makes: documents,
 * elements, attributes and text, their xml and text, getElementsByTagName. Nothing is parsed: for that there is libxml2.
 *
 * Nodes are shared by the pointers to them; a node keeps its children, not its parent. One thread at a time.
 */
#ifndef IIS_WIN32_MSXML_H
#define IIS_WIN32_MSXML_H

#include <memory>
#include <vector>

#include "variant.h"

namespace MSXML2 {

enum DOMNodeType { NODE_INVALID = 0, NODE_ELEMENT = 1, NODE_ATTRIBUTE = 2, NODE_TEXT = 3, NODE_CDATA_SECTION = 4,
                   NODE_COMMENT = 8, NODE_DOCUMENT = 9 };

struct IXMLDOMNode;
struct IXMLDOMElement;
struct IXMLDOMAttribute;
struct IXMLDOMText;
struct IXMLDOMDocument3;
struct IXMLDOMNodeList;
/* What a document is made of. */
struct DOMDocument60 {};
struct DOMDocument30 {};
struct DOMDocument {};

/* As _com_ptr_t: NULL is allowed, using it throws E_POINTER. */
template <typename T> class Ptr {
public:
    Ptr() {}
    Ptr(std::nullptr_t) {}
    explicit Ptr(const std::shared_ptr<T> &node) : m_node(node) {}
    Ptr(const GUID &) : m_node(std::make_shared<T>()) {}
    template <typename O> Ptr(const Ptr<O> &other) : m_node(T::Query(other.Node())) {}
    HRESULT CreateInstance(const GUID &)
    {
        m_node = std::make_shared<T>();
        return S_OK;
    }
    T *operator->() const
    {
        if (!m_node)
            iis_throw_com_error(E_POINTER);
        return m_node.get();
    }
    T *GetInterfacePtr() const { return m_node.get(); }
    void Release() { m_node.reset(); }
    explicit operator bool() const { return m_node != nullptr; }
    bool operator!() const { return !m_node; }
    friend bool operator==(const Ptr &left, std::nullptr_t) { return !left.m_node; }
    friend bool operator==(std::nullptr_t, const Ptr &right) { return !right.m_node; }
    friend bool operator!=(const Ptr &left, std::nullptr_t) { return !!left.m_node; }
    friend bool operator!=(std::nullptr_t, const Ptr &right) { return !!right.m_node; }
    friend bool operator==(const Ptr &left, const Ptr &right) { return left.m_node == right.m_node; }
    friend bool operator!=(const Ptr &left, const Ptr &right) { return left.m_node != right.m_node; }
    const std::shared_ptr<T> &Node() const { return m_node; }

private:
    std::shared_ptr<T> m_node;
};
typedef Ptr<IXMLDOMNode> IXMLDOMNodePtr;
typedef Ptr<IXMLDOMElement> IXMLDOMElementPtr;
typedef Ptr<IXMLDOMAttribute> IXMLDOMAttributePtr;
typedef Ptr<IXMLDOMText> IXMLDOMTextPtr;
typedef Ptr<IXMLDOMDocument3> IXMLDOMDocument3Ptr;
typedef Ptr<IXMLDOMDocument3> IXMLDOMDocument2Ptr;
typedef Ptr<IXMLDOMDocument3> IXMLDOMDocumentPtr;
typedef Ptr<IXMLDOMNodeList> IXMLDOMNodeListPtr;

/* A property of T: reading calls get, assigning calls put. */
template <typename T, typename V, V (T::*get)() const> class Reader {
public:
    explicit Reader(T *of) : m_of(of) {}
    operator V() const { return (m_of->*get)(); }
    V operator->() const { return (m_of->*get)(); }
protected:
    T *m_of;
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;
};
template <typename T, typename V, V (T::*get)() const, void (T::*put)(const V &)>
class Property : public Reader<T, V, get> {
public:
    explicit Property(T *of) : Reader<T, V, get>(of) {}
    Property &operator=(const V &value)
    {
        (this->m_of->*put)(value);
        return *this;
    }
};

inline std::wstring Escape(const std::wstring &text, bool attribute)
{
    std::wstring out;
    for (wchar_t c : text) {
        if (c == L'&')
            out += L"&amp;";
        else if (c == L'<')
            out += L"&lt;";
        else if (c == L'>')
            out += L"&gt;";
        else if (c == L'"' && attribute)
            out += L"&quot;";
        else if (attribute && (c == L'\n' || c == L'\r' || c == L'\t'))
            out += L"&#" + std::to_wstring((int)c) + L";";
        else if (c < 0x20 && c != L'\n' && c != L'\r' && c != L'\t')
            out += (wchar_t)0xfffd;          /* no character of XML */
        else
            out += c;
    }
    return out;
}

struct IXMLDOMNode : std::enable_shared_from_this<IXMLDOMNode> {
    explicit IXMLDOMNode(DOMNodeType type) : xml(this), text(this), nodeName(this), m_type(type) {}
    virtual ~IXMLDOMNode() {}
    static std::shared_ptr<IXMLDOMNode> Query(const std::shared_ptr<IXMLDOMNode> &node) { return node; }

    _bstr_t Getxml() const { return Write().c_str(); }
    _bstr_t Gettext() const { return Text().c_str(); }
    _bstr_t GetnodeName() const { return m_name.c_str(); }
    DOMNodeType GetnodeType() const { return m_type; }
    void Puttext(const _bstr_t &value)
    {
        m_children.clear();
        m_value = static_cast<const std::wstring &>(value);
    }
    HRESULT get_xml(BSTR *to) const
    {
        *to = Getxml().copy();
        return S_OK;
    }
    /* Moves newChild out of nowhere: the caller has taken it from where it was. */
    IXMLDOMNodePtr appendChild(const IXMLDOMNodePtr &newChild)
    {
        if (!newChild || newChild->m_type == NODE_ATTRIBUTE || newChild.GetInterfacePtr() == this)
            iis_throw_com_error(E_FAIL);
        if (!m_value.empty()) {
            m_children.push_back(TextNode(m_value));
            m_value.clear();
        }
        m_children.push_back(newChild.Node());
        return newChild;
    }

    Reader<IXMLDOMNode, _bstr_t, &IXMLDOMNode::Getxml> xml;
    Property<IXMLDOMNode, _bstr_t, &IXMLDOMNode::Gettext, &IXMLDOMNode::Puttext> text;
    Reader<IXMLDOMNode, _bstr_t, &IXMLDOMNode::GetnodeName> nodeName;

    virtual std::wstring Write() const = 0;
    std::wstring Text() const
    {
        std::wstring out = m_value;
        for (const auto &child : m_children)
            out += child->Text();
        return out;
    }
    static std::shared_ptr<IXMLDOMNode> TextNode(const std::wstring &value);
    void Collect(const std::wstring &name, std::vector<std::shared_ptr<IXMLDOMNode> > &to) const
    {
        for (const auto &child : m_children) {
            if (child->m_type == NODE_ELEMENT && (name == L"*" || child->m_name == name))
                to.push_back(child);
            child->Collect(name, to);
        }
    }

    DOMNodeType m_type;
    std::wstring m_name, m_value;
    std::vector<std::shared_ptr<IXMLDOMNode> > m_children;
};

/* As QueryInterface: NULL when the node is of another kind. */
template <typename T, DOMNodeType type> std::shared_ptr<T> QueryAs(const std::shared_ptr<IXMLDOMNode> &node)
{
    return node && node->m_type == type ? std::static_pointer_cast<T>(node) : std::shared_ptr<T>();
}

struct IXMLDOMText : IXMLDOMNode {
    IXMLDOMText() : IXMLDOMNode(NODE_TEXT) { m_name = L"#text"; }
    static std::shared_ptr<IXMLDOMText> Query(const std::shared_ptr<IXMLDOMNode> &node)
    {
        return QueryAs<IXMLDOMText, NODE_TEXT>(node);
    }
    std::wstring Write() const { return Escape(m_value, false); }
};
inline std::shared_ptr<IXMLDOMNode> IXMLDOMNode::TextNode(const std::wstring &value)
{
    auto node = std::make_shared<IXMLDOMText>();
    node->m_value = value;
    return node;
}

struct IXMLDOMAttribute : IXMLDOMNode {
    IXMLDOMAttribute() : IXMLDOMNode(NODE_ATTRIBUTE), value(this), name(this) {}
    static std::shared_ptr<IXMLDOMAttribute> Query(const std::shared_ptr<IXMLDOMNode> &node)
    {
        return QueryAs<IXMLDOMAttribute, NODE_ATTRIBUTE>(node);
    }
    _variant_t Getvalue() const { return Text().c_str(); }
    void Putvalue(const _variant_t &with) { Puttext((_bstr_t)with); }
    _bstr_t Getname() const { return GetnodeName(); }
    Property<IXMLDOMAttribute, _variant_t, &IXMLDOMAttribute::Getvalue, &IXMLDOMAttribute::Putvalue> value;
    Reader<IXMLDOMAttribute, _bstr_t, &IXMLDOMAttribute::Getname> name;
    std::wstring Write() const { return m_name + L"=\"" + Escape(Text(), true) + L"\""; }
};

struct IXMLDOMNodeList {
    IXMLDOMNodeList() : length(this) {}
    static std::shared_ptr<IXMLDOMNodeList> Query(const std::shared_ptr<IXMLDOMNodeList> &list) { return list; }
    long Getlength() const { return (long)m_nodes.size(); }
    IXMLDOMNodePtr Getitem(long index) const
    {
        return index < 0 || index >= Getlength() ? IXMLDOMNodePtr() : IXMLDOMNodePtr(m_nodes[(size_t)index]);
    }
    Reader<IXMLDOMNodeList, long, &IXMLDOMNodeList::Getlength> length;
    std::vector<std::shared_ptr<IXMLDOMNode> > m_nodes;
};

struct IXMLDOMElement : IXMLDOMNode {
    IXMLDOMElement() : IXMLDOMNode(NODE_ELEMENT), tagName(this) {}
    static std::shared_ptr<IXMLDOMElement> Query(const std::shared_ptr<IXMLDOMNode> &node)
    {
        return QueryAs<IXMLDOMElement, NODE_ELEMENT>(node);
    }
    _bstr_t GettagName() const { return GetnodeName(); }
    Reader<IXMLDOMElement, _bstr_t, &IXMLDOMElement::GettagName> tagName;

    /* Takes the place of the one with its name, which is returned. */
    IXMLDOMAttributePtr setAttributeNode(const IXMLDOMAttributePtr &attribute)
    {
        for (auto &known : m_attributes)
            if (known->m_name == attribute->m_name) {
                IXMLDOMAttributePtr before(known);
                known = attribute.Node();
                return before;
            }
        m_attributes.push_back(attribute.Node());
        return IXMLDOMAttributePtr();
    }
    HRESULT setAttribute(const _bstr_t &name, const _variant_t &value)
    {
        IXMLDOMAttributePtr attribute(std::make_shared<IXMLDOMAttribute>());
        attribute->m_name = static_cast<const std::wstring &>(name);
        attribute->Putvalue(value);
        setAttributeNode(attribute);
        return S_OK;
    }
    /* VT_NULL: there is none. */
    _variant_t getAttribute(const _bstr_t &name) const
    {
        for (const auto &known : m_attributes)
            if (known->m_name == static_cast<const std::wstring &>(name))
                return known->Getvalue();
        _variant_t none;
        none.vt = VT_NULL;
        return none;
    }
    IXMLDOMNodeListPtr getElementsByTagName(const _bstr_t &name) const
    {
        auto list = std::make_shared<IXMLDOMNodeList>();
        Collect(name, list->m_nodes);
        return IXMLDOMNodeListPtr(list);
    }
    std::wstring Write() const
    {
        std::wstring out = L"<" + m_name, inner = Escape(m_value, false);
        for (const auto &attribute : m_attributes)
            out += L" " + attribute->Write();
        for (const auto &child : m_children)
            inner += child->Write();
        return out + (inner.empty() ? L"/>" : L">" + inner + L"</" + m_name + L">");
    }
    std::vector<std::shared_ptr<IXMLDOMAttribute> > m_attributes;
};

struct IXMLDOMDocument3 : IXMLDOMNode {
    IXMLDOMDocument3() : IXMLDOMNode(NODE_DOCUMENT), documentElement(this) { m_name = L"#document"; }
    static std::shared_ptr<IXMLDOMDocument3> Query(const std::shared_ptr<IXMLDOMNode> &node)
    {
        return QueryAs<IXMLDOMDocument3, NODE_DOCUMENT>(node);
    }
    IXMLDOMElementPtr GetdocumentElement() const
    {
        for (const auto &child : m_children)
            if (child->m_type == NODE_ELEMENT)
                return IXMLDOMElementPtr(std::static_pointer_cast<IXMLDOMElement>(child));
        return IXMLDOMElementPtr();
    }
    Reader<IXMLDOMDocument3, IXMLDOMElementPtr, &IXMLDOMDocument3::GetdocumentElement> documentElement;

    IXMLDOMElementPtr createElement(const _bstr_t &name) { return Create<IXMLDOMElement>(name); }
    IXMLDOMAttributePtr createAttribute(const _bstr_t &name) { return Create<IXMLDOMAttribute>(name); }
    IXMLDOMTextPtr createTextNode(const _bstr_t &value)
    {
        auto node = std::make_shared<IXMLDOMText>();
        node->m_value = static_cast<const std::wstring &>(value);
        return IXMLDOMTextPtr(node);
    }
    IXMLDOMNodeListPtr getElementsByTagName(const _bstr_t &name) const
    {
        auto list = std::make_shared<IXMLDOMNodeList>();
        Collect(name, list->m_nodes);
        return IXMLDOMNodeListPtr(list);
    }
    /* A line feed stands behind the root element. */
    std::wstring Write() const
    {
        std::wstring out;
        for (const auto &child : m_children)
            out += child->Write() + L"\r\n";
        return out;
    }

private:
    /* E_FAIL: no name of XML. */
    template <typename T> static Ptr<T> Create(const std::wstring &name)
    {
        if (name.empty() || name.find_first_of(L"<>&\"'= \t\r\n/") != std::wstring::npos
            || (name[0] >= L'0' && name[0] <= L'9') || name[0] == L'-' || name[0] == L'.')
            iis_throw_com_error(E_FAIL);
        auto node = std::make_shared<T>();
        node->m_name = name;
        return Ptr<T>(node);
    }
};

}

template <> struct iis_uuid<MSXML2::DOMDocument60> {
    static const GUID &get() { return IID_NULL; }
};
template <> struct iis_uuid<MSXML2::DOMDocument30> : iis_uuid<MSXML2::DOMDocument60> {};
template <> struct iis_uuid<MSXML2::DOMDocument> : iis_uuid<MSXML2::DOMDocument60> {};

#endif /* IIS_WIN32_MSXML_H */
